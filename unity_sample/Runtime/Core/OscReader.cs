namespace FloodBridge.Core
{
    /// <summary>What is wrong with a datagram.</summary>
    public enum OscProblem
    {
        None,
        Size,
        Bundle,
        Depth,
        Address,
        Tags,
        Arguments,
    }

    /// <summary>Whoever wants the messages of a datagram.</summary>
    public interface IOscListener
    {
        void Hear(ref OscMessage message);
    }

    /// <summary>
    /// Open Sound Control 1.0 (opensoundcontrol.stanford.edu/spec-1_0.html) for a port on which anybody may send
    /// anything: nothing throws, loops or recurses without a bound. A datagram that breaks a rule anywhere is refused
    /// whole. Time tags are skipped: holding motion back until a tag's time would freeze it.
    /// </summary>
    public static class OscReader
    {
        public const int MaxDatagramBytes = 8192;
        public const int MaxDepth = 4;
        public const int MaxArguments = 256;

        private const int BundleHeaderBytes = 16;

        /// <summary>Hand every message of the datagram to <paramref name="listener"/>, in order.</summary>
        public static OscProblem Read(byte[] data, int length, IOscListener listener)
        {
            if (data == null || length <= 0 || length > data.Length || length > MaxDatagramBytes
                || length % 4 != 0)
            {
                return OscProblem.Size;
            }
            OscProblem problem = Element(data, 0, length, 1, null);
            return problem != OscProblem.None ? problem : Element(data, 0, length, 1, listener);
        }

        private static OscProblem Element(
            byte[] data, int start, int end, int depth, IOscListener listener)
        {
            if (data[start] == '#')
            {
                return Bundle(data, start, end, depth, listener);
            }
            OscMessage message;
            OscProblem problem = Message(data, start, end, out message);
            if (problem == OscProblem.None && listener != null)
            {
                listener.Hear(ref message);
            }
            return problem;
        }

        private static OscProblem Bundle(
            byte[] data, int start, int end, int depth, IOscListener listener)
        {
            if (depth > MaxDepth)
            {
                return OscProblem.Depth;
            }
            if (end - start < BundleHeaderBytes || !IsBundleTag(data, start))
            {
                return OscProblem.Bundle;
            }
            int position = start + BundleHeaderBytes;
            while (position < end)
            {
                int size = BigEndian.Int(data, position);
                position += 4;
                if (size <= 0 || size % 4 != 0 || size > end - position)
                {
                    return OscProblem.Bundle;
                }
                OscProblem problem = Element(data, position, position + size, depth + 1, listener);
                if (problem != OscProblem.None)
                {
                    return problem;
                }
                position += size;
            }
            return OscProblem.None;
        }

        private static bool IsBundleTag(byte[] data, int start)
        {
            const string tag = "#bundle\0";
            for (int i = 0; i < tag.Length; i++)
            {
                if (data[start + i] != tag[i])
                {
                    return false;
                }
            }
            return true;
        }

        private static OscProblem Message(byte[] data, int start, int end, out OscMessage message)
        {
            message = new OscMessage { Data = data, AddressStart = start };
            int nul = Find(data, start, end);
            if (nul < 0 || !IsAddress(data, start, nul))
            {
                return OscProblem.Address;
            }
            message.AddressLength = nul - start;
            int position = (nul & ~3) + 4;
            message.TagsStart = message.ArgumentsStart = position;
            if (position == end)
            {
                return OscProblem.None; // senders older than OSC 1.0 leave out the tags of an empty message
            }
            nul = Find(data, position, end);
            if (nul < 0 || data[position] != ',' || nul - position - 1 > MaxArguments)
            {
                return OscProblem.Tags;
            }
            message.TagsStart = position + 1;
            message.ArgumentCount = nul - position - 1;
            message.ArgumentsStart = (nul & ~3) + 4;
            return Arguments(data, ref message, end);
        }

        private static OscProblem Arguments(byte[] data, ref OscMessage message, int end)
        {
            int position = message.ArgumentsStart;
            for (int i = 0; i < message.ArgumentCount; i++)
            {
                int size = ArgumentBytes(data, (char)data[message.TagsStart + i], position, end);
                if (size < 0)
                {
                    return size == UnknownTag ? OscProblem.Tags : OscProblem.Arguments;
                }
                position += size;
            }
            return position == end ? OscProblem.None : OscProblem.Arguments;
        }

        private const int UnknownTag = -1;
        private const int TooShort = -2;

        /// <summary>Bytes of an argument with its padding, or one of the two problems above.</summary>
        private static int ArgumentBytes(byte[] data, char tag, int position, int end)
        {
            int left = end - position;
            switch (tag)
            {
                case 'i':
                case 'f':
                    return left >= 4 ? 4 : TooShort;
                case 's':
                    int nul = Find(data, position, end);
                    return nul < 0 ? TooShort : (nul & ~3) + 4 - position;
                case 'b':
                    int size = left >= 4 ? BigEndian.Int(data, position) : -1;
                    return size < 0 || size > left - 4 ? TooShort : 4 + ((size + 3) & ~3);
                case 'T':
                case 'F':
                case 'N':
                case 'I':
                    return 0;
                default:
                    return UnknownTag;
            }
        }

        private static int Find(byte[] data, int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                if (data[i] == 0)
                {
                    return i;
                }
            }
            return -1;
        }

        /// <summary>A slash first, then printable ASCII without blanks and pattern characters.</summary>
        private static bool IsAddress(byte[] data, int start, int end)
        {
            if (end - start < 2 || data[start] != '/')
            {
                return false;
            }
            for (int i = start; i < end; i++)
            {
                byte c = data[i];
                if (c <= ' ' || c >= 127 || "#*,?[]{}".IndexOf((char)c) >= 0)
                {
                    return false;
                }
            }
            return true;
        }
    }
}
