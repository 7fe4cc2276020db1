/** Returns the code at a point of the plane. */
export function codeAt({ origin, axes }, [u, v]) {
  return Float32Array.from(
    origin,
    (value, place) => value + u * axes[0][place] + v * axes[1][place],
  );
}

/** Returns the point of the plane that is nearest to a code. */
export function pointOf({ origin, axes }, code) {
  return axes.map((axis) =>
    axis.reduce((sum, part, place) => sum + part * (code[place] - origin[place]), 0),
  );
}

/** Returns where a number lies between bounds: 0 at the lower, 1 at the upper. */
export function share(value, [low, high]) {
  return (value - low) / (high - low);
}

/** Returns the point of the plane at shares of its bounds. */
export function pointAt({ bounds }, shares) {
  return shares.map((part, axis) => {
    const [low, high] = bounds[axis];
    return low + part * (high - low);
  });
}
