using System;
using System.Collections.Generic;
using FloodBridge.Core;
using FloodBridge.Editor;
using FloodBridge.Samples;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;

namespace FloodBridge.Tests
{
    /// <summary>Ports, prompts, the inspector, the windows, the menu and the sample.</summary>
    public class ShellTests : ShellStage
    {
        [Test]
        public void APortThatIsTakenIsSaid()
        {
            using (new DatagramSource(port))
            {
                hero = new GameObject("Late");
                Receive(RootMode.MoveHips);
                hero.Tell("LateUpdate");
                StringAssert.Contains("UDP port " + port, receiver.Problem);
            }
        }

        [Test]
        public void ReceiversShareAPortAndTheLastOneClosesIt()
        {
            hero = new GameObject("One");
            Receive(RootMode.MoveHips);
            var other = new GameObject("Two");
            var second = other.AddComponent<FloodBridgeReceiver>();
            second.port = port;
            second.character = 7;
            other.Tell("LateUpdate");
            hero.Tell("LateUpdate");
            Assert.AreSame(receiver.Port, second.Port);
            UnityEngine.Object.DestroyImmediate(hero);
            Assert.Throws<System.Net.Sockets.SocketException>(() => new DatagramSource(port));
            UnityEngine.Object.DestroyImmediate(other);
            using (new DatagramSource(port))
            {
                Assert.AreEqual(0, FloodBridgeReceiver.All.Count);
            }
        }

        [Test]
        public void PromptsGoOutAndTheirReceiptsComeBack()
        {
            var heard = new List<string>();
            Humanoid(RootMode.MoveHips, 1f);
            receiver.startPrompt = "a person sits";
            receiver.PromptApplied += receipt => heard.Add("applied " + receipt.RequestId);
            receiver.PromptShown += receipt => { throw new InvalidOperationException("a bad listener"); };
            receiver.PromptRefused += refusal => heard.Add("refused " + refusal.RequestId);
            Play(4);
            Assert.AreEqual(FloodCommands.Prompt(0, "a person sits", NextRequest()), Said());
            int request = receiver.Prompt("a person jumps");
            Assert.AreEqual(FloodCommands.Prompt(0, "a person jumps", request), Said());
            wire.Send(performer.Applied(request, "a person jumps", sent - 1));
            wire.Send(new OscWriter("/flood/error").Int(request).Text("no").ToDatagram());
            wire.Send(new OscWriter("/flood/error").Int(request + 1000).Text("not ours").ToDatagram());
            Play(20);
            CollectionAssert.AreEqual(new[] { "applied " + request, "refused " + request }, heard);
            CollectionAssert.AreEqual(
                new[] { "warning: Flood Bridge: no", "exception: a bad listener" }, Debug.Log);
            Assert.AreEqual(0, receiver.Prompt(new string('x', 600)));
            StringAssert.Contains("512", receiver.Problem);
        }

        [Test]
        public void ASubscriptionIsRenewed()
        {
            hero = new GameObject("Far away");
            Receive(RootMode.MoveHips);
            receiver.subscribe = true;
            hero.Tell("LateUpdate");
            hero.Tell("LateUpdate");
            Assert.AreEqual(FloodCommands.Subscribe(port), Said());
            Assert.IsNull(Said(), "not every frame");
        }

        [Test]
        public void TheInspectorAndTheWindowsSayHowItIs()
        {
            Humanoid(RootMode.MoveHips, 1f);
            var inspector = new FloodBridgeReceiverEditor { target = receiver };
            inspector.OnInspectorGUI();
            AssertDrawn("Warning: Waiting for frames");
            Play(20);
            GUILayout.Pressed = "Send prompt";
            inspector.OnInspectorGUI();
            AssertDrawn("frames/s, lost 0");
            Assert.IsNotNull(Said());
            GUILayout.Pressed = "Stop";
            Call(new PromptWindow(), "OnGUI");
            Assert.AreEqual(FloodCommands.Stop(0), Said());
            GUILayout.Pressed = null;
            var monitor = new MonitorWindow();
            Call(monitor, "OnGUI");
            Play(3);
            Call(monitor, "OnGUI");
            AssertDrawn("/flood/0/frame  x3 |");
            Call(monitor, "OnDisable");
            Assert.IsNull(receiver.Port.Stream.Log);
        }

        [Test]
        public void TheMenuBuildsTheSampleScene()
        {
            Camera.main = new GameObject("Camera").AddComponent<Camera>();
            SceneMenu.BuildSampleScene();
            hero = Selection.activeGameObject;
            Assert.IsNotNull(hero.GetComponent<FloodBridgeReceiver>());
            Assert.AreSame(
                hero.GetComponent<FloodBridgeReceiver>(), hero.GetComponent<PromptOverlay>().receiver);
            Assert.AreSame(hero.transform, Camera.main.gameObject.GetComponent<FollowTarget>().target);
            Assert.IsFalse(SceneMenu.CanDriveSelected());
            GUILayout.LastLabel = null;
            hero.Tell("OnGUI");
            StringAssert.Contains("waiting", GUILayout.LastLabel);
        }

        [Test]
        public void AnNpcSpeaksWhenItsMoodChanges()
        {
            Humanoid(RootMode.MoveHips, 1f);
            NpcPrompts npc = hero.AddComponent<NpcPrompts>();
            npc.player = new GameObject("Player").transform;
            npc.player.position = new Vector3(20f, 0f, 0f);
            Play(4);
            hero.Tell("Update");
            Assert.AreEqual(NpcMood.Waiting, Text(Said()));
            npc.player.position = new Vector3(3f, 0f, 0f);
            hero.Tell("Update");
            Assert.IsNull(Said(), "the first prompt cannot be seen yet");
            Time.time = 10f;
            hero.Tell("Update");
            Assert.AreEqual(NpcMood.Greeting, Text(Said()));
        }

        [Test]
        public void MoodsDoNotDitherOnTheLine()
        {
            var mood = new NpcMood();
            Assert.IsTrue(mood.See(5.9f));
            Assert.AreEqual(NpcMood.Greeting, mood.Prompt);
            Assert.IsFalse(mood.See(6.2f));
            Assert.IsTrue(mood.See(6.6f));
            Assert.IsTrue(mood.See(1.4f));
            Assert.AreEqual(NpcMood.Retreating, mood.Prompt);
            Assert.IsFalse(mood.See(1.9f));
            Assert.IsTrue(mood.See(2.1f));
        }
    }
}
