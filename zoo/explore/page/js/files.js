/** Returns the bytes of a file of the page, which a script holds where there is no server. */
export async function bytesOf(name) {
  const embedded = globalThis.embedded?.[name];
  if (embedded !== undefined) return decoded(embedded);
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name} cannot be read: status ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Returns the content of a JSON file of the page. */
export async function jsonOf(name) {
  return JSON.parse(new TextDecoder().decode(await bytesOf(name)));
}

/** Returns the address from which a file of the page can be loaded. */
export async function addressOf(name, type = "text/javascript") {
  if (globalThis.embedded?.[name] === undefined) return new URL(name, document.baseURI).href;
  return URL.createObjectURL(new Blob([await bytesOf(name)], { type }));
}

function decoded(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let place = 0; place < bytes.length; place++) bytes[place] = characters.charCodeAt(place);
  return bytes;
}
