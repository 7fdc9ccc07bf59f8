// Prints what the npm library "osc" decodes, one message per line.
const osc = require(process.argv[3] + "/osc");

const port = new osc.UDPPort({
  localAddress: "127.0.0.1",
  localPort: Number(process.argv[2]),
  metadata: true,
});
port.on("message", (message) => {
  const args = message.args || [];
  const values = args.map((a) => (a.type === "b" ? Array.from(a.value) : a.value));
  const types = args.map((a) => a.type).join("");
  console.log(JSON.stringify({ address: message.address, types, values }));
});
port.open();
