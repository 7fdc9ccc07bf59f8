using System.Collections.Generic;
using System.Text;

namespace FloodBridge.Core
{
    /// <summary>The addresses that come, how often, and what they said last: for monitors.</summary>
    public sealed class MessageLog
    {
        /// <summary>One address.</summary>
        public sealed class Entry
        {
            public string Address;
            public string Types;
            public string Values;
            public long Count;
        }

        private const int MaxEntries = 256;
        private const int MaxValues = 8;

        private readonly Dictionary<string, Entry> entries = new Dictionary<string, Entry>();
        private readonly List<Entry> inOrder = new List<Entry>();
        private readonly StringBuilder values = new StringBuilder();

        /// <summary>In the order of their first coming.</summary>
        public IList<Entry> Entries
        {
            get { return inOrder; }
        }

        public void Clear()
        {
            entries.Clear();
            inOrder.Clear();
        }

        internal void Note(ref OscMessage message)
        {
            string address = message.Address;
            Entry entry;
            if (!entries.TryGetValue(address, out entry))
            {
                if (inOrder.Count == MaxEntries)
                {
                    return;
                }
                entry = new Entry { Address = address };
                entries.Add(address, entry);
                inOrder.Add(entry);
            }
            entry.Count++;
            entry.Types = message.Types;
            entry.Values = Describe(ref message, entry.Types);
        }

        private string Describe(ref OscMessage message, string types)
        {
            values.Length = 0;
            OscArguments arguments = message.Arguments;
            for (int i = 0; i < types.Length && i < MaxValues; i++)
            {
                Append(types[i], ref arguments);
            }
            return values.Append(types.Length > MaxValues ? "..." : "").ToString();
        }

        private void Append(char type, ref OscArguments arguments)
        {
            int size;
            switch (type)
            {
                case 'i':
                    values.Append(arguments.NextInt());
                    break;
                case 'f':
                    values.Append(arguments.NextFloat().ToString("0.###"));
                    break;
                case 's':
                    values.Append('"').Append(arguments.NextText(new TextCache())).Append('"');
                    break;
                case 'b':
                    arguments.NextBlob(out size);
                    values.Append(size).Append(" bytes");
                    break;
                default:
                    values.Append(type);
                    break;
            }
            values.Append(' ');
        }
    }
}
