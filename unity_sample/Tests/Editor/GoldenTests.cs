using System;
using System.Collections.Generic;
using FloodBridge.Core;
using NUnit.Framework;

namespace FloodBridge.Tests
{
    /// <summary>Python and C# agree on the bytes of the stream.</summary>
    public class GoldenTests
    {
        private const float Exact = 1e-6f;

        [Test]
        public void EveryNumberOfAFrameIsTheDaemons()
        {
            List<Golden.Expected> expected = Golden.Frames();
            List<MotionFrame> frames = ReadFrames(Golden.Stream());
            Assert.AreEqual(Golden.FrameCount, expected.Count);
            Assert.AreEqual(Golden.FrameCount, frames.Count);
            for (int i = 0; i < frames.Count; i++)
            {
                AssertSame(expected[i], frames[i]);
            }
        }

        [Test]
        public void ForwardKinematicsFindsTheJointsOfTheDaemon()
        {
            BodySkeleton skeleton = ReadSkeleton();
            var positions = new Vec3[HumanBody.JointCount];
            var rotations = new Quat[HumanBody.JointCount];
            List<Golden.Expected> expected = Golden.Frames();
            List<MotionFrame> frames = ReadFrames(Golden.Stream());
            for (int i = 0; i < frames.Count; i++)
            {
                skeleton.Place(frames[i], positions, rotations);
                for (int joint = 0; joint < HumanBody.JointCount; joint++)
                {
                    float error = (positions[joint] - expected[i].Joint(joint)).Length;
                    Assert.Less(error, 1e-5f, "frame " + i + " joint " + joint);
                }
            }
        }

        [Test]
        public void TheSkeletonIsTheDaemons()
        {
            BodySkeleton skeleton = ReadSkeleton();
            Assert.AreEqual(0.40f + 0.42f, skeleton.LegLength, 1e-6f);
            Assert.AreEqual(-0.27f, skeleton.Offsets[18].X, 1e-6f, "the left elbow is on the left");
            Assert.Greater(skeleton.HipsHeight, 0.88f);
            Assert.Less(skeleton.HipsHeight, 1.0f);
        }

        [Test]
        public void TheCompactFormIsTheSameFrameRoundedTo16Bits()
        {
            var ear = new Ear();
            foreach (byte[] datagram in Golden.Stream())
            {
                Assert.AreEqual(OscProblem.None, OscReader.Read(datagram, datagram.Length, ear));
            }
            Golden.Expected expected = Golden.Frames()[0];
            Assert.AreEqual(2, ear.Compact.Count);
            foreach (MotionFrame frame in ear.Compact)
            {
                Assert.AreEqual(expected.Sequence, frame.Sequence);
                Assert.AreEqual(expected.PlayTimeMs, frame.PlayTimeMs);
                Assert.Less((frame.RootPosition - expected.Root).Length, Exact);
                for (int joint = 0; joint < HumanBody.JointCount; joint++)
                {
                    Quat apart = expected.Rotation(joint).Inverse * frame.Rotations[joint];
                    Assert.Less(apart.Angle, 0.0034f * Math.PI / 180.0, "joint " + joint);
                }
            }
        }

        [Test]
        public void ReceiptsAndStatusAreTheDaemons()
        {
            var stream = new FloodStream();
            var applied = new List<PromptReceipt>();
            var refused = new List<Refusal>();
            var pongs = new List<string>();
            stream.PromptApplied += applied.Add;
            stream.Refused += refused.Add;
            stream.Pong += (request, secs) => pongs.Add(request + " " + (secs == 12.5f));
            foreach (byte[] datagram in Golden.Stream())
            {
                stream.Accept(datagram, datagram.Length, 0.0);
            }
            Assert.AreEqual(0, stream.BadDatagrams);
            Assert.AreEqual(1, applied.Count);
            Assert.AreEqual(42, applied[0].RequestId);
            Assert.AreEqual("jemand h\u00fcpft \U0001F3C3", applied[0].Text);
            Assert.AreEqual(10, applied[0].Sequence);
            Assert.AreEqual(850, applied[0].LatencyMs);
            Assert.AreEqual(Golden.Character, applied[0].Character);
            Assert.AreEqual("the prompt is too long", refused[0].Reason);
            Assert.AreEqual(43, refused[0].RequestId);
            Assert.AreEqual("44 True", pongs[0]);
            Assert.AreEqual("running", stream.Status.State);
            Assert.AreEqual("a person walks", stream.Status.Prompt);
            Assert.AreEqual(47.5f, stream.Status.GenerationFps);
            Assert.AreEqual(850, stream.Status.LatencyMs);
        }

        [Test]
        public void CommandsHaveTheBytesThatTheDaemonReads()
        {
            List<byte[]> expected = Golden.Commands();
            var ours = new List<byte[]>
            {
                FloodCommands.Prompt(Golden.Character, "jemand h\u00fcpft \U0001F3C3", 42),
                FloodCommands.Queue(Golden.Character, "a person sits", 2.5f),
                FloodCommands.ClearQueue(Golden.Character),
                FloodCommands.Stop(Golden.Character),
                FloodCommands.Reset(Golden.Character),
                FloodCommands.Pause(Golden.Character),
                FloodCommands.Resume(Golden.Character),
                FloodCommands.Ping(44),
                FloodCommands.Subscribe(9501),
            };
            Assert.AreEqual(expected.Count, ours.Count);
            for (int i = 0; i < ours.Count; i++)
            {
                CollectionAssert.AreEqual(expected[i], ours[i], "command " + i);
            }
        }

        private static void AssertSame(Golden.Expected expected, MotionFrame frame)
        {
            Assert.AreEqual(expected.Sequence, frame.Sequence);
            Assert.AreEqual(expected.PlayTimeMs, frame.PlayTimeMs);
            Assert.AreEqual(expected.Flags, (int)frame.Flags);
            Assert.AreEqual(expected.Contacts, frame.Contacts);
            Assert.AreEqual(0f, (frame.RootPosition - expected.Root).Length);
            Assert.AreEqual(expected.Yaw, frame.Yaw, Exact);
            Assert.AreEqual(0f, (frame.Velocity - expected.Velocity).Length);
            Assert.AreEqual(expected.YawRate, frame.YawRate);
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                Quat read = frame.Rotations[joint];
                Quat written = expected.Rotation(joint);
                Assert.AreEqual(written.X, read.X, Exact);
                Assert.AreEqual(written.Y, read.Y, Exact);
                Assert.AreEqual(written.Z, read.Z, Exact);
                Assert.AreEqual(written.W, read.W, Exact);
            }
        }

        private static List<MotionFrame> ReadFrames(List<byte[]> datagrams)
        {
            var ear = new Ear();
            foreach (byte[] datagram in datagrams)
            {
                OscReader.Read(datagram, datagram.Length, ear);
            }
            return ear.Frames;
        }

        private static BodySkeleton ReadSkeleton()
        {
            var ear = new Ear();
            byte[] datagram = Golden.Stream()[0];
            OscReader.Read(datagram, datagram.Length, ear);
            return ear.Skeleton;
        }

        /// <summary>Keeps every frame that is said.</summary>
        private sealed class Ear : IOscListener
        {
            public readonly List<MotionFrame> Frames = new List<MotionFrame>();
            public readonly List<MotionFrame> Compact = new List<MotionFrame>();
            public readonly BodySkeleton Skeleton = new BodySkeleton();

            public void Hear(ref OscMessage message)
            {
                int id;
                switch (FloodAddress.Parse(ref message, out id))
                {
                    case FloodTopic.Skeleton:
                        Assert.IsTrue(Skeleton.TryRead(ref message));
                        break;
                    case FloodTopic.Frame:
                        Frames.Add(new MotionFrame());
                        Assert.IsTrue(FrameDecoder.TryReadFrame(ref message, Frames[Frames.Count - 1]));
                        break;
                    case FloodTopic.Compact:
                        Compact.Add(new MotionFrame());
                        Assert.IsTrue(
                            FrameDecoder.TryReadCompact(ref message, Compact[Compact.Count - 1]));
                        break;
                    case FloodTopic.Root:
                        Assert.IsTrue(FrameDecoder.TryReadRoot(ref message, Frames[Frames.Count - 1]));
                        break;
                    case FloodTopic.Contact:
                        Assert.IsTrue(
                            FrameDecoder.TryReadContact(ref message, Frames[Frames.Count - 1]));
                        break;
                }
            }
        }
    }
}
