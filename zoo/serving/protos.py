"""Messages of Protocol Buffers from a table of their fields."""

from google.protobuf import descriptor_pb2, descriptor_pool


def pool(package: str, fields: dict[str, str], one_of: dict[str, str] | None = None):
    """Returns a pool of descriptors of its own, so that other packages' messages do no harm.

    Args:
        package: String. The package of the messages.
        fields: Dict from the name of each message to its fields, as `"[map|repeated] type name
            number"`, separated by commas. A type with a capital is a message; a map has strings as
            keys.
        one_of: Dict from a message of which one field is set to the name of that choice. Defaults
            to None, for no such message.

    Returns:
        A `DescriptorPool`.

    Example:

    >>> from google.protobuf import message_factory
    >>> described = pool("shop", {"Item": "string name 1, repeated int64 prices 2"})
    >>> item = message_factory.GetMessageClass(described.FindMessageTypeByName("shop.Item"))
    >>> item(name="tea", prices=[3]).SerializeToString()
    b'\\n\\x03tea\\x12\\x01\\x03'
    """
    one_of = one_of or {}
    file = descriptor_pb2.FileDescriptorProto(
        name=f"zoo_{package}.proto", package=package, syntax="proto3"
    )
    for name, entries in fields.items():
        described = file.message_type.add(name=name)
        if name in one_of:
            described.oneof_decl.add(name=one_of[name])
        for entry in filter(None, entries.split(", ")):
            _add_field(described, entry.split(), package, name in one_of)
    made = descriptor_pool.DescriptorPool()
    made.Add(file)
    return made


def _add_field(described, words, package, one_of):
    *label, kind, name, number = words
    field = described.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if label else field.LABEL_OPTIONAL
    if label == ["map"]:
        entry = described.nested_type.add(name=f"{name.capitalize()}Entry")
        entry.options.map_entry = True
        _add_field(entry, ["string", "key", "1"], package, False)
        _add_field(entry, [kind, "value", "2"], package, False)
        kind = f"{described.name}.{entry.name}"
    if kind[0].isupper():
        field.type, field.type_name = field.TYPE_MESSAGE, f".{package}.{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")
    if one_of:
        field.oneof_index = 0
