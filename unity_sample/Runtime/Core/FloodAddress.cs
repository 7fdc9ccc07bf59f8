namespace FloodBridge.Core
{
    /// <summary>What a message of the native stream is about.</summary>
    public enum FloodTopic
    {
        Unknown,
        Frame,
        Compact,
        Root,
        Joints,
        Contact,
        Skeleton,
        PromptApplied,
        Flush,
        Status,
        Error,
        Pong,
    }

    /// <summary>
    /// The addresses <c>/flood/{character}/{topic}</c> and <c>/flood/{topic}</c>, read without making strings.
    /// </summary>
    public static class FloodAddress
    {
        public const int MaxCharacter = 1023;

        private const string Prefix = "/flood/";

        private static readonly string[] OfCharacter =
        {
            "frame", "q", "root", "joints", "contact", "skeleton", "prompt/applied", "flush",
        };

        private static readonly FloodTopic[] OfCharacterTopics =
        {
            FloodTopic.Frame, FloodTopic.Compact, FloodTopic.Root, FloodTopic.Joints,
            FloodTopic.Contact, FloodTopic.Skeleton, FloodTopic.PromptApplied, FloodTopic.Flush,
        };

        private static readonly string[] OfDaemon = { "status", "error", "pong" };

        private static readonly FloodTopic[] OfDaemonTopics =
        {
            FloodTopic.Status, FloodTopic.Error, FloodTopic.Pong,
        };

        /// <summary>
        /// The topic of a message and whose it is; the number is -1 for what concerns the whole daemon.
        /// </summary>
        public static FloodTopic Parse(ref OscMessage message, out int character)
        {
            character = -1;
            int start = message.AddressStart;
            int end = start + message.AddressLength;
            if (!StartsWith(message.Data, start, end, Prefix))
            {
                return FloodTopic.Unknown;
            }
            start += Prefix.Length;
            int rest = ReadNumber(message.Data, start, end, out character);
            return rest < 0
                ? Find(message.Data, start, end, OfDaemon, OfDaemonTopics)
                : Find(message.Data, rest, end, OfCharacter, OfCharacterTopics);
        }

        /// <summary>Where the topic begins after "12/", or -1 if no valid number stands there.</summary>
        private static int ReadNumber(byte[] data, int start, int end, out int number)
        {
            number = 0;
            int position = start;
            while (position < end && data[position] >= '0' && data[position] <= '9'
                && number <= MaxCharacter)
            {
                number = 10 * number + (data[position] - '0');
                position++;
            }
            if (position > start && number <= MaxCharacter && position < end
                && data[position] == '/')
            {
                return position + 1;
            }
            number = -1;
            return -1;
        }

        private static FloodTopic Find(
            byte[] data, int start, int end, string[] names, FloodTopic[] topics)
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (end - start == names[i].Length && StartsWith(data, start, end, names[i]))
                {
                    return topics[i];
                }
            }
            return FloodTopic.Unknown;
        }

        private static bool StartsWith(byte[] data, int start, int end, string text)
        {
            if (end - start < text.Length)
            {
                return false;
            }
            for (int i = 0; i < text.Length; i++)
            {
                if (data[start + i] != text[i])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
