using System.Collections.Generic;
using System.Net.Sockets;
using FloodBridge.Core;

namespace FloodBridge
{
    /// <summary>A UDP port that all receivers of it share; open as long as one of them is enabled.</summary>
    public sealed class FloodBridgePort
    {
        private const double RetrySecs = 2.0;

        private static readonly Dictionary<int, FloodBridgePort> Opened =
            new Dictionary<int, FloodBridgePort>();

        private readonly byte[] buffer = new byte[DatagramSource.SlotBytes];
        private DatagramSource source;
        private double nextTrySecs;
        private int users;

        private FloodBridgePort(int number)
        {
            Number = number;
        }

        public int Number { get; private set; }

        /// <summary>What has been heard on it.</summary>
        public readonly FloodStream Stream = new FloodStream();

        /// <summary>Why nothing can be heard, or null. It is tried again every two seconds.</summary>
        public string Problem { get; private set; }

        /// <summary>Datagrams that were lost because nobody fetched them for too long.</summary>
        public long Overflows
        {
            get { return source == null ? 0 : source.Overflows; }
        }

        /// <summary>Open the port, or join those who have it. Give it back with <see cref="Release"/>.</summary>
        public static FloodBridgePort Acquire(int number)
        {
            FloodBridgePort port;
            if (!Opened.TryGetValue(number, out port))
            {
                port = new FloodBridgePort(number);
                Opened.Add(number, port);
            }
            port.users++;
            port.TryOpen();
            return port;
        }

        /// <summary>The last one closes it.</summary>
        public void Release()
        {
            users--;
            if (users > 0)
            {
                return;
            }
            Opened.Remove(Number);
            if (source != null)
            {
                source.Dispose();
                source = null;
            }
        }

        /// <summary>Take in what has come. Any of the sharers may do it at any time.</summary>
        public void Pump()
        {
            if (source == null)
            {
                TryOpen();
            }
            if (source != null)
            {
                source.Deliver(Stream, buffer);
            }
        }

        private void TryOpen()
        {
            double nowSecs = DatagramSource.NowSecs;
            if (source != null || nowSecs < nextTrySecs)
            {
                return;
            }
            nextTrySecs = nowSecs + RetrySecs;
            if (Number < 1 || Number > 65535)
            {
                Problem = "there is no UDP port " + Number + "; valid are 1 to 65535";
                return;
            }
            try
            {
                source = new DatagramSource(Number);
                Problem = null;
            }
            catch (SocketException error)
            {
                Problem = "UDP port " + Number + " cannot be opened: " + error.Message;
            }
        }
    }
}
