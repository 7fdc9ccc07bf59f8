using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using FloodBridge.Core;

namespace FloodBridge.Tests
{
    /// <summary>Bytes written by the daemon's encoder, and what they mean (tests/unity/golden_stream.py).</summary>
    internal static class Golden
    {
        public const int Character = 3;
        public const int FrameCount = 40;
        public const double FrameSecs = 0.05;

        /// <summary>One line of expected.txt.</summary>
        public sealed class Expected
        {
            public int Sequence;
            public int PlayTimeMs;
            public int Flags;
            public int Contacts;
            public float[] Numbers;

            public Vec3 Root
            {
                get { return Vector(0); }
            }

            public float Yaw
            {
                get { return Numbers[91]; }
            }

            public Vec3 Velocity
            {
                get { return new Vec3(Numbers[92], 0f, Numbers[93]); }
            }

            public float YawRate
            {
                get { return Numbers[94]; }
            }

            public Quat Rotation(int joint)
            {
                int at = 3 + 4 * joint;
                return new Quat(Numbers[at], Numbers[at + 1], Numbers[at + 2], Numbers[at + 3]);
            }

            public Vec3 Joint(int joint)
            {
                return Vector(95 + 3 * joint);
            }

            private Vec3 Vector(int at)
            {
                return new Vec3(Numbers[at], Numbers[at + 1], Numbers[at + 2]);
            }
        }

        public static List<byte[]> Stream()
        {
            return Datagrams("stream.bytes");
        }

        public static List<byte[]> Commands()
        {
            return Datagrams("commands.bytes");
        }

        public static List<Expected> Frames()
        {
            var frames = new List<Expected>();
            foreach (string line in File.ReadAllLines(Path.Combine(Folder(), "expected.txt")))
            {
                string[] words = line.Split(' ');
                var numbers = new float[words.Length - 4];
                for (int i = 0; i < numbers.Length; i++)
                {
                    numbers[i] = float.Parse(words[i + 4], CultureInfo.InvariantCulture);
                }
                frames.Add(new Expected
                {
                    Sequence = int.Parse(words[0], CultureInfo.InvariantCulture),
                    PlayTimeMs = int.Parse(words[1], CultureInfo.InvariantCulture),
                    Flags = int.Parse(words[2], CultureInfo.InvariantCulture),
                    Contacts = int.Parse(words[3], CultureInfo.InvariantCulture),
                    Numbers = numbers,
                });
            }
            return frames;
        }

        private static List<byte[]> Datagrams(string name)
        {
            byte[] file = File.ReadAllBytes(Path.Combine(Folder(), name));
            var datagrams = new List<byte[]>();
            for (int at = 0; at < file.Length;)
            {
                var datagram = new byte[BigEndian.Int(file, at)];
                System.Buffer.BlockCopy(file, at + 4, datagram, 0, datagram.Length);
                datagrams.Add(datagram);
                at += 4 + datagram.Length;
            }
            return datagrams;
        }

        private static string Folder([CallerFilePath] string source = "")
        {
            return Path.Combine(Path.GetDirectoryName(source), "Golden");
        }
    }
}
