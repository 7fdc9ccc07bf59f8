using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace FloodBridge.Core
{
    /// <summary>
    /// A UDP port, emptied by a thread of its own, so that a slow frame of the game loses nothing: datagrams wait with
    /// their time of arrival until they are taken. Of too many the oldest are forgotten.
    /// </summary>
    public sealed class DatagramSource : IDisposable
    {
        /// <summary>Larger datagrams are dropped; those of the stream have at most 1400 bytes.</summary>
        public const int SlotBytes = 2048;

        private const int SystemBufferBytes = 1 << 22;

        private readonly object gate = new object();
        private readonly byte[][] slots;
        private readonly int[] lengths;
        private readonly double[] arrivals;
        private readonly Socket socket;
        private readonly Thread thread;
        private int first;
        private int count;
        private volatile bool isClosed;

        /// <summary>Listen on <paramref name="port"/> of all interfaces, or of this machine only.</summary>
        /// <exception cref="SocketException">The port is taken, or may not be opened.</exception>
        public DatagramSource(int port, bool localOnly = false, int capacity = 1024)
        {
            slots = new byte[capacity][];
            lengths = new int[capacity];
            arrivals = new double[capacity];
            for (int i = 0; i < capacity; i++)
            {
                slots[i] = new byte[SlotBytes];
            }
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                // Mono on Linux shares UDP ports unless told otherwise: two games would share the datagrams.
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, 0);
                socket.ReceiveBufferSize = SystemBufferBytes;
                socket.Bind(new IPEndPoint(localOnly ? IPAddress.Loopback : IPAddress.Any, port));
            }
            catch
            {
                socket.Close();
                throw;
            }
            Port = ((IPEndPoint)socket.LocalEndPoint).Port;
            thread = new Thread(Listen) { IsBackground = true, Name = "Flood Bridge UDP " + Port };
            thread.Start();
        }

        public int Port { get; private set; }

        /// <summary>Datagrams that were forgotten because nobody took them.</summary>
        public long Overflows { get; private set; }

        /// <summary>Seconds on the clock of the arrivals; it never goes back.</summary>
        public static double NowSecs
        {
            get { return (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency; }
        }

        /// <summary>Give the datagrams that have come to <paramref name="stream"/>, in order.</summary>
        public void Deliver(FloodStream stream, byte[] buffer)
        {
            int length;
            double arrivalSecs;
            // Whoever floods the port may not hold the game up: one bufferful a call.
            for (int i = 0; i < slots.Length && TryTake(buffer, out length, out arrivalSecs); i++)
            {
                stream.Accept(buffer, length, arrivalSecs);
            }
        }

        /// <summary>
        /// The oldest datagram, copied into <paramref name="buffer"/> of at least <see cref="SlotBytes"/>.
        /// </summary>
        public bool TryTake(byte[] buffer, out int length, out double arrivalSecs)
        {
            lock (gate)
            {
                length = count == 0 ? 0 : lengths[first];
                arrivalSecs = arrivals[first];
                if (count == 0)
                {
                    return false;
                }
                Buffer.BlockCopy(slots[first], 0, buffer, 0, length);
                first = (first + 1) % slots.Length;
                count--;
                return true;
            }
        }

        /// <summary>Close the port and wait for the thread, which ends at once.</summary>
        public void Dispose()
        {
            if (isClosed)
            {
                return;
            }
            isClosed = true;
            socket.Close();
            thread.Join(1000);
        }

        private void Listen()
        {
            byte[] buffer = new byte[SlotBytes];
            while (!isClosed)
            {
                try
                {
                    SocketError error;
                    int length = socket.Receive(
                        buffer, 0, buffer.Length, SocketFlags.None, out error);
                    if (error == SocketError.Success && length > 0 && length < SlotBytes)
                    {
                        Keep(buffer, length);
                    }
                    else if (error != SocketError.Success && error != SocketError.MessageSize)
                    {
                        Thread.Sleep(10); // a passing fault of the network; never spin
                    }
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
                catch (SocketException)
                {
                    Thread.Sleep(10);
                }
            }
        }

        private void Keep(byte[] buffer, int length)
        {
            double nowSecs = NowSecs;
            lock (gate)
            {
                if (count == slots.Length)
                {
                    first = (first + 1) % slots.Length;
                    count--;
                    Overflows++;
                }
                int slot = (first + count) % slots.Length;
                Buffer.BlockCopy(buffer, 0, slots[slot], 0, length);
                lengths[slot] = length;
                arrivals[slot] = nowSecs;
                count++;
            }
        }
    }
}
