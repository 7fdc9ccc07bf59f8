# Prints what Godot 3 reads with its own byte reader, one message per line, as JSON.
# godot3-server --script receiver.gd PORT
extends SceneTree

var udp = PacketPeerUDP.new()

func _initialize():
	for argument in OS.get_cmdline_args():
		if argument.is_valid_integer():
			udp.listen(int(argument), "127.0.0.1")

func _idle(_delta):
	while udp.get_available_packet_count() > 0:
		var stream = StreamPeerBuffer.new()
		stream.big_endian = true
		stream.data_array = udp.get_packet()
		read_element(stream, stream.get_size())
	return false

func read_element(stream, end):
	var address = read_string(stream)
	if address == "#bundle":
		stream.get_64()
		while stream.get_position() < end:
			var size = stream.get_32()
			read_element(stream, stream.get_position() + size)
		return
	var types = read_string(stream).substr(1)
	var values = []
	for tag in types:
		match tag:
			"i":
				values.append(stream.get_32())
			"f":
				values.append(stream.get_float())
			"s":
				values.append(read_string(stream))
			"b":
				var size = stream.get_32()
				values.append(Array(stream.get_data(size)[1]))
				skip_padding(stream)
	print(to_json({"address": address, "types": types, "values": values}))

func read_string(stream):
	var bytes = PoolByteArray()
	while true:
		var byte = stream.get_u8()
		if byte == 0:
			break
		bytes.append(byte)
	skip_padding(stream)
	return bytes.get_string_from_utf8()

func skip_padding(stream):
	while stream.get_position() % 4:
		stream.get_u8()
