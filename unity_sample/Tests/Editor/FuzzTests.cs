using System;
using System.Collections.Generic;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>Whatever comes in, nothing is thrown into the game, and the good stream is shown after it.</summary>
    public class FuzzTests
    {
        private const int Packets = 20000;

        [Test]
        public void TwentyThousandBadPacketsDoNoHarm()
        {
            var random = new Random(6);
            List<byte[]> good = Golden.Stream();
            good.AddRange(Golden.Commands());
            var stream = new FloodStream();
            var pose = new RootMotion();
            for (int i = 0; i < Packets; i++)
            {
                // The monitor reads everything: it has to stand it too.
                stream.Log = i % 2 == 0 ? null : stream.Log ?? new MessageLog();
                byte[] bad = Mutated(good[random.Next(good.Count)], random);
                double now = 0.002 * i;
                stream.Accept(bad, bad.Length, now);
                FloodCharacter character = stream.Character(Golden.Character);
                if (character.Update(now))
                {
                    AssertIsBody(character.Pose);
                    pose.Follow(character.Pose);
                }
            }
            Assert.Greater(stream.BadDatagrams, Packets / 4);
            Assert.Greater(stream.Datagrams, Packets / 20);
            AssertStillShows(stream, 0.002 * Packets);
        }

        private static void AssertStillShows(FloodStream stream, double now)
        {
            List<byte[]> good = Golden.Stream();
            FloodCharacter character = stream.Character(Golden.Character);
            for (int i = 0; i <= Golden.FrameCount; i++)
            {
                now += Golden.FrameSecs;
                stream.Accept(good[i], good[i].Length, now);
                character.Update(now);
            }
            Golden.Expected last = Golden.Frames()[Golden.FrameCount - 1];
            Assert.That(Serial.Difference(last.Sequence, character.ShownSequence), Is.InRange(0, 12));
        }

        private static void AssertIsBody(BodyPose pose)
        {
            Assert.IsTrue(pose.RootPosition.IsWithin(1e7f), "position " + pose.RootPosition);
            Assert.IsTrue(Math.Abs(pose.Yaw) <= 3.2f, "yaw " + pose.Yaw);
            foreach (Quat q in pose.Rotations)
            {
                Assert.IsTrue(Math.Abs(Quat.Dot(q, q) - 1f) < 1e-3f, "rotation " + q);
            }
        }

        private static byte[] Mutated(byte[] good, Random random)
        {
            switch (random.Next(6))
            {
                case 0:
                    return Noise(random.Next(200), random);
                case 1:
                    var cut = new byte[random.Next(good.Length)];
                    Buffer.BlockCopy(good, 0, cut, 0, cut.Length);
                    return cut;
                case 2:
                    return WithBytes(good, random, 1 + random.Next(8), 0, good.Length);
                case 3: // the head: tags, sizes, addresses
                    return WithBytes(good, random, 1 + random.Next(3), 0, Math.Min(40, good.Length));
                case 4: // sequence and time
                    return WithBytes(good, random, 2, good.Length / 3, good.Length);
                default:
                    return WithWord(good, random);
            }
        }

        private static byte[] Noise(int length, Random random)
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            return noise;
        }

        private static byte[] WithBytes(byte[] good, Random random, int count, int from, int to)
        {
            var bad = (byte[])good.Clone();
            for (int i = 0; i < count; i++)
            {
                bad[random.Next(from, to)] = (byte)random.Next(256);
            }
            return bad;
        }

        /// <summary>A word of all ones, not a number, or infinity: at any word's place.</summary>
        private static byte[] WithWord(byte[] good, Random random)
        {
            uint[] words = { 0xffffffff, 0x7fc00000, 0x7f800000, 0x80000000, 0x7fffffff, 0 };
            var bad = (byte[])good.Clone();
            uint word = words[random.Next(words.Length)];
            int at = 4 * random.Next(bad.Length / 4);
            for (int i = 0; i < 4; i++)
            {
                bad[at + i] = (byte)(word >> (24 - 8 * i));
            }
            return bad;
        }
    }
}
