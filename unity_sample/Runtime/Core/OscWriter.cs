using System;
using System.Text;

namespace FloodBridge.Core
{
    /// <summary>Writes one OSC message; the type of each argument is that of the call, never guessed.</summary>
    public sealed class OscWriter
    {
        private static readonly Encoding Utf8 = new UTF8Encoding(false, false);

        private readonly byte[] data = new byte[OscReader.MaxDatagramBytes];
        private readonly StringBuilder tags = new StringBuilder(",");
        private readonly string address;
        private int length;

        public OscWriter(string address)
        {
            this.address = address;
        }

        public OscWriter Int(int value)
        {
            tags.Append('i');
            Word(value);
            return this;
        }

        public OscWriter Float(float value)
        {
            tags.Append('f');
            Word(BigEndian.Bits(value));
            return this;
        }

        public OscWriter Text(string value)
        {
            tags.Append('s');
            Padded(Utf8.GetBytes(value));
            return this;
        }

        /// <summary>The bytes of the message.</summary>
        public byte[] ToDatagram()
        {
            int arguments = length;
            Padded(Utf8.GetBytes(address));
            Padded(Utf8.GetBytes(tags.ToString()));
            byte[] datagram = new byte[length];
            Buffer.BlockCopy(data, arguments, datagram, 0, length - arguments);
            Buffer.BlockCopy(data, 0, datagram, length - arguments, arguments);
            return datagram;
        }

        private void Word(int value)
        {
            data[length] = (byte)(value >> 24);
            data[length + 1] = (byte)(value >> 16);
            data[length + 2] = (byte)(value >> 8);
            data[length + 3] = (byte)value;
            length += 4;
        }

        private void Padded(byte[] text)
        {
            int size = (text.Length & ~3) + 4;
            Array.Clear(data, length, size);
            Buffer.BlockCopy(text, 0, data, length, text.Length);
            length += size;
        }
    }
}
