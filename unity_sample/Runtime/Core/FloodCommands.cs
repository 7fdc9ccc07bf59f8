using System;
using System.Text;

namespace FloodBridge.Core
{
    /// <summary>What can be said to the daemon, as datagrams for its control port.</summary>
    public static class FloodCommands
    {
        /// <summary>Longest text, in bytes of UTF-8.</summary>
        public const int MaxTextBytes = 512;

        /// <summary>The receipt will name <paramref name="requestId"/>.</summary>
        /// <exception cref="ArgumentException">The text is too long, or there is no such character.</exception>
        public static byte[] Prompt(int character, string text, int requestId)
        {
            return To(character, "prompt").Text(Checked(text)).Int(requestId).ToDatagram();
        }

        /// <summary>The text for so many seconds, when its turn has come.</summary>
        public static byte[] Queue(int character, string text, float seconds)
        {
            return To(character, "queue").Text(Checked(text)).Float(seconds).ToDatagram();
        }

        /// <summary>Forget the queued texts that have not begun.</summary>
        public static byte[] ClearQueue(int character)
        {
            return To(character, "queue/clear").ToDatagram();
        }

        /// <summary>Settle into a stand.</summary>
        public static byte[] Stop(int character)
        {
            return To(character, "stop").ToDatagram();
        }

        /// <summary>Begin anew at the origin.</summary>
        public static byte[] Reset(int character)
        {
            return To(character, "reset").ToDatagram();
        }

        public static byte[] Pause(int character)
        {
            return To(character, "pause").ToDatagram();
        }

        public static byte[] Resume(int character)
        {
            return To(character, "resume").ToDatagram();
        }

        /// <summary>The daemon answers with a pong.</summary>
        public static byte[] Ping(int requestId)
        {
            return new OscWriter("/flood/ping").Int(requestId).ToDatagram();
        }

        /// <summary>
        /// Send us everything on this port, for 10 seconds or until this is said again. The daemon looks at where
        /// the datagram came from to know who "us" is.
        /// </summary>
        public static byte[] Subscribe(int port)
        {
            return new OscWriter("/flood/subscribe").Text("").Int(port).Text("all").ToDatagram();
        }

        /// <summary>Why a text cannot be a prompt, or null.</summary>
        public static string ProblemWith(string text)
        {
            int size = text == null ? 0 : new UTF8Encoding(false, false).GetByteCount(text);
            return size <= MaxTextBytes ? null
                : "the prompt has " + size + " bytes of UTF-8; at most " + MaxTextBytes
                    + " are accepted";
        }

        private static OscWriter To(int character, string topic)
        {
            if (character < 0 || character > FloodAddress.MaxCharacter)
            {
                throw new ArgumentException(
                    "there is no character " + character + "; valid are 0 to "
                    + FloodAddress.MaxCharacter);
            }
            return new OscWriter("/flood/" + character + "/" + topic);
        }

        private static string Checked(string text)
        {
            string problem = ProblemWith(text);
            if (problem != null)
            {
                throw new ArgumentException(problem);
            }
            // An OSC string ends at NUL.
            return (text ?? "").Replace('\0', ' ');
        }
    }
}
