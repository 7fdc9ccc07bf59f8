using System;
using FloodBridge.Core;

namespace FloodBridge
{
    /// <summary>Talks to a daemon's control port and remembers which requests were ours.</summary>
    public sealed class PromptSender : IDisposable
    {
        /// <summary>A subscription holds for ten seconds.</summary>
        private const double RenewSecs = 3.0;

        private static int lastRequest;

        private readonly int[] ours = new int[16];
        private FloodControl control;
        private string host;
        private int port;
        private int nextOurs;
        private double renewalSecs;
        private string refusal;

        /// <summary>Why the last thing was not said, or null.</summary>
        public string Problem
        {
            get { return refusal ?? (control == null ? null : control.Problem); }
        }

        /// <summary>Where to talk to from now on.</summary>
        public void Address(string newHost, int newPort)
        {
            if (control != null && host == newHost && port == newPort)
            {
                return;
            }
            Dispose();
            host = newHost;
            port = newPort;
            renewalSecs = 0.0;
            control = new FloodControl(host, port);
        }

        /// <summary>Send a prompt; the number that its receipt will name, 0 if it was not sent.</summary>
        public int Prompt(int character, string text)
        {
            refusal = FloodCommands.ProblemWith(text);
            if (refusal != null || character < 0 || character > FloodAddress.MaxCharacter)
            {
                return 0;
            }
            lastRequest = lastRequest == int.MaxValue ? 1 : lastRequest + 1;
            ours[nextOurs] = lastRequest;
            nextOurs = (nextOurs + 1) % ours.Length;
            return Send(FloodCommands.Prompt(character, text, lastRequest)) ? lastRequest : 0;
        }

        /// <summary>Whether one of the latest prompts had this number.</summary>
        public bool IsOurs(int request)
        {
            return request != 0 && Array.IndexOf(ours, request) >= 0;
        }

        public bool Send(byte[] datagram)
        {
            return control != null && control.Send(datagram);
        }

        /// <summary>Have the stream sent to this port of ours; to be called often.</summary>
        public void KeepSubscribed(int streamPort, double nowSecs)
        {
            if (nowSecs >= renewalSecs)
            {
                renewalSecs = nowSecs + RenewSecs;
                Send(FloodCommands.Subscribe(streamPort));
            }
        }

        public void Dispose()
        {
            if (control != null)
            {
                control.Dispose();
                control = null;
            }
        }
    }
}
