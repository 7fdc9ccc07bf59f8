// Prints what the npm library "osc-min" decodes, one message per line.
import dgram from "node:dgram";
import { pathToFileURL } from "node:url";

const library = pathToFileURL(process.argv[3] + "/osc-min/dist/index.js");
const osc = await import(library);
const TAGS = { integer: "i", float: "f", string: "s", blob: "b" };

function show(packet) {
  if (packet.oscType === "bundle") {
    packet.elements.forEach(show);
    return;
  }
  const types = packet.args.map((a) => TAGS[a.type]).join("");
  const values = packet.args.map((a) =>
    a.type === "blob" ? Array.from(new Uint8Array(a.value.buffer ?? a.value,
      a.value.byteOffset ?? 0, a.value.byteLength)) : a.value);
  console.log(JSON.stringify({ address: packet.address, types, values }));
}

const socket = dgram.createSocket("udp4");
socket.on("message", (datagram) => show((osc.fromBuffer ?? osc.default.fromBuffer)(datagram)));
socket.bind(Number(process.argv[2]), "127.0.0.1");
