using System;
using System.Net.Sockets;

namespace FloodBridge.Core
{
    /// <summary>Sends commands to a daemon. Never waits and never throws; what went wrong can be read.</summary>
    public sealed class FloodControl : IDisposable
    {
        private readonly UdpClient client;

        /// <summary>For the daemon at this host and control port.</summary>
        public FloodControl(string host, int port)
        {
            try
            {
                client = new UdpClient();
                client.Connect(host, port);
            }
            catch (Exception error)
            {
                Problem = host + " port " + port + ": " + error.Message;
            }
        }

        /// <summary>Why the last datagram did not go out, or null.</summary>
        public string Problem { get; private set; }

        public bool Send(byte[] datagram)
        {
            if (client == null || !client.Client.Connected)
            {
                return false;
            }
            try
            {
                client.Send(datagram, datagram.Length);
                Problem = null;
                return true;
            }
            catch (SocketException error)
            {
                // On one machine: nobody listened to the datagram before.
                Problem = error.Message;
                return false;
            }
        }

        public void Dispose()
        {
            if (client != null)
            {
                client.Close();
            }
        }
    }
}
