using System;
using System.Threading;
using FloodBridge.Core;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;

namespace FloodBridge.Tests
{
    /// <summary>
    /// A scene of stand-ins for Unity with a receiver in it, a sender of frames, and an ear where the daemon would be.
    /// That a component works here shows that it does what it is meant to do if Unity does what it documents; it is not
    /// a run of Unity.
    /// </summary>
    public abstract class ShellStage
    {
        internal readonly Performer performer = new Performer();
        internal FloodControl wire;
        internal DatagramSource daemon;
        internal int port;
        internal GameObject hero;
        internal FloodBridgeReceiver receiver;
        internal int sent;

        [SetUp]
        public void Open()
        {
            Application.isPlaying = true;
            Debug.Log.Clear();
            EditorGUILayout.Drawn.Clear();
            GUILayout.Pressed = null;
            using (var free = new DatagramSource(0))
            {
                port = free.Port;
            }
            wire = new FloodControl("127.0.0.1", port);
            daemon = new DatagramSource(0, true);
            sent = 0;
        }

        [TearDown]
        public void Close()
        {
            if (hero != null)
            {
                UnityEngine.Object.DestroyImmediate(hero);
            }
            hero = null;
            wire.Dispose();
            daemon.Dispose();
        }

        internal StubAvatar Humanoid(RootMode mode, float size)
        {
            StubAvatar avatar = Avatar(size);
            Receive(mode);
            return avatar;
        }

        internal StubAvatar Avatar(float size)
        {
            var stream = new FloodStream();
            byte[] skeleton = performer.Skeleton();
            stream.Accept(skeleton, skeleton.Length, 0.0);
            var avatar = new StubAvatar(stream.Character(0).Skeleton, size);
            hero = avatar.Hero;
            return avatar;
        }

        internal void Receive(RootMode mode)
        {
            receiver = hero.AddComponent<FloodBridgeReceiver>();
            receiver.port = port;
            receiver.controlPort = daemon.Port;
            receiver.rootMode = mode;
            hero.Tell("LateUpdate"); // leaves the default port
        }

        /// <summary>Send frames in time, as the daemon does, and update the scene.</summary>
        internal void Play(int frames)
        {
            for (int i = 0; i < frames; i++)
            {
                if (sent == 0)
                {
                    wire.Send(performer.Skeleton());
                }
                wire.Send(performer.Frame(sent, sent / 60.0));
                sent++;
                Thread.Sleep(16);
                hero.Tell("LateUpdate");
            }
        }

        internal Quat[] World()
        {
            var world = new Quat[HumanBody.JointCount];
            receiver.Source.Skeleton.Place(
                receiver.Source.Pose, new Vec3[HumanBody.JointCount], world);
            return world;
        }

        internal BodyPose Copy()
        {
            var pose = new BodyPose();
            pose.CopyFrom(receiver.Source.Pose);
            return pose;
        }

        /// <summary>The next thing that the daemon was told, or null.</summary>
        internal byte[] Said()
        {
            var buffer = new byte[DatagramSource.SlotBytes];
            int length;
            double arrival;
            for (int i = 0; i < 20; i++)
            {
                if (daemon.TryTake(buffer, out length, out arrival))
                {
                    Array.Resize(ref buffer, length);
                    return buffer;
                }
                Thread.Sleep(5);
            }
            return null;
        }

        /// <summary>Requests are numbered through all tests: what the waiting datagram has.</summary>
        internal int NextRequest()
        {
            var ear = new MessageEar();
            byte[] said = Said();
            OscReader.Read(said, said.Length, ear);
            using (var again = new FloodControl("127.0.0.1", daemon.Port))
            {
                again.Send(said); // put it back
            }
            return ear.Request;
        }

        internal static string Text(byte[] said)
        {
            var ear = new MessageEar();
            OscReader.Read(said, said.Length, ear);
            return ear.Text;
        }

        private sealed class MessageEar : IOscListener
        {
            public string Text;
            public int Request;

            public void Hear(ref OscMessage message)
            {
                OscArguments arguments = message.Arguments;
                Text = arguments.NextText(new TextCache());
                Request = arguments.NextInt();
            }
        }

        internal static void AssertDrawn(string text)
        {
            Assert.IsTrue(
                EditorGUILayout.Drawn.Exists(line => line.Contains(text)),
                text + " is not in: " + string.Join("; ", EditorGUILayout.Drawn.ToArray()));
        }

        internal static void Call(object thing, string message)
        {
            thing.GetType().GetMethod(message,
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)
                .Invoke(thing, null);
        }
    }
}
