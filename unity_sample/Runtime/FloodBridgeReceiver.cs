using System;
using System.Collections.Generic;
using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>
    /// Moves a Humanoid, or draws a stick figure, with the motion that a flood_bridge daemon streams to a UDP port.
    /// Nothing has to be set up: put it on a character and press Play.
    /// </summary>
    [AddComponentMenu("Flood Bridge/Flood Bridge Receiver")]
    [DefaultExecutionOrder(200)]
    [ExecuteAlways]
    [DisallowMultipleComponent]
    public sealed class FloodBridgeReceiver : MonoBehaviour
    {
        private static readonly List<FloodBridgeReceiver> Enabled = new List<FloodBridgeReceiver>();

        [Header("Stream")]
        [Tooltip("UDP port the daemon sends to. Receivers may share it.")]
        public int port = 9501;

        [Tooltip("Number of the character in the stream.")]
        public int character;

        [Tooltip("Ask the daemon to send here. Needed if it runs on another machine.")]
        public bool subscribe;

        [Tooltip("More delay than the network needs, in seconds: for uneven networks.")]
        [Range(0f, 0.4f)]
        public float extraDelay;

        [Tooltip("Listen outside Play mode too, and draw the body as lines in the Scene view.")]
        public bool previewInEditMode;

        [Header("Body")]
        [Tooltip("The Humanoid to move. Empty: the one on this object or below; none there: a stick figure.")]
        public Animator animator;

        [Tooltip("Where the way through the world goes.")]
        public RootMode rootMode = RootMode.MoveCharacter;

        [Tooltip("How much of the motion is shown; the rest is what the Animator plays.")]
        [Range(0f, 1f)]
        public float weight = 1f;

        [Tooltip("Give the body back to the Animator when no frames come any more.")]
        public bool releaseWhenSilent;

        [Tooltip("Material of the stick figure. Empty: unlit colours, which HDRP does not draw.")]
        public Material figureMaterial;

        [Header("Prompts")]
        [Tooltip("Where the daemon runs.")]
        public string host = "127.0.0.1";

        [Tooltip("The daemon's control port.")]
        public int controlPort = 9500;

        [Tooltip("Sent once when the motion begins. May be empty.")]
        public string startPrompt = "";

        private readonly BodyPose local = new BodyPose();
        private FloodBridgePort listening;
        private FloodCharacter source;
        private PromptSender sender;
        private HumanoidDriver driver;
        private StickFigureView figure;
        private CharacterMover mover;
        private int listeningTo;
        private bool hasStarted;

        /// <summary>A prompt was obeyed; its motion comes soon.</summary>
        public event Action<PromptReceipt> PromptApplied;

        /// <summary>The motion of a prompt can be seen from now on.</summary>
        public event Action<PromptReceipt> PromptShown;

        /// <summary>The daemon did not obey one of our prompts.</summary>
        public event Action<Refusal> PromptRefused;

        /// <summary>All receivers that are enabled.</summary>
        public static IList<FloodBridgeReceiver> All
        {
            get { return Enabled; }
        }

        /// <summary>The port listened to, or null.</summary>
        public FloodBridgePort Port
        {
            get { return listening; }
        }

        /// <summary>Our character of the stream: pose, contacts, counters. Null while nothing is listened to.</summary>
        public FloodCharacter Source
        {
            get { return source; }
        }

        /// <summary>Whether there is a pose to show.</summary>
        public bool HasPose { get; private set; }

        /// <summary>Along the ground in the world, metres per second: for agents and locomotion.</summary>
        public Vector3 Velocity
        {
            get { return mover == null ? Vector3.zero : mover.Velocity; }
        }

        /// <summary>Degrees per second to the right.</summary>
        public float TurnRate
        {
            get { return mover == null ? 0f : mover.TurnRate; }
        }

        /// <summary>Why nothing moves, or null.</summary>
        public string Problem
        {
            get
            {
                return listening == null ? "not listening"
                    : listening.Problem != null ? listening.Problem
                    : source == null ? "there is no character " + character
                    : driver != null && driver.Problem != null ? driver.Problem
                    : sender != null ? sender.Problem : null;
            }
        }

        private bool IsWanted
        {
            get { return Application.isPlaying || previewInEditMode; }
        }

        /// <summary>Say what the character is to do; the number that its receipt will name, 0 if not sent.</summary>
        public int Prompt(string text)
        {
            return Sender().Prompt(character, text);
        }

        /// <summary>Settle into a stand.</summary>
        public void StopMotion()
        {
            Sender().Send(FloodCommands.Stop(character));
        }

        /// <summary>Begin anew at the origin.</summary>
        public void ResetMotion()
        {
            Sender().Send(FloodCommands.Reset(character));
        }

        /// <summary>Hold the pose, or go on.</summary>
        public void PauseMotion(bool isPaused)
        {
            Sender().Send(isPaused ? FloodCommands.Pause(character) : FloodCommands.Resume(character));
        }

        private void OnEnable()
        {
            Enabled.Add(this);
            if (IsWanted)
            {
                Listen();
            }
        }

        private void OnDisable()
        {
            Enabled.Remove(this);
            Unlisten();
            if (figure != null)
            {
                figure.Destroy();
                figure = null;
            }
            if (sender != null)
            {
                sender.Dispose();
                sender = null;
            }
        }

        private void LateUpdate()
        {
            if (!IsWanted)
            {
                Unlisten();
                return;
            }
            if (listening == null || listening.Number != port || listeningTo != character)
            {
                Unlisten();
                Listen();
            }
            listening.Pump();
            double nowSecs = DatagramSource.NowSecs;
            if (subscribe)
            {
                Sender().KeepSubscribed(port, nowSecs);
            }
            if (source == null)
            {
                return;
            }
            source.ExtraDelaySecs = extraDelay;
            HasPose = source.Update(nowSecs);
            if (HasPose && Application.isPlaying)
            {
                Show(nowSecs);
            }
        }

        private void OnDrawGizmos()
        {
            if (!Application.isPlaying && HasPose && source != null)
            {
                FigureGizmo.Draw(Local(), source.Skeleton, transform);
            }
        }

        private void Listen()
        {
            listening = FloodBridgePort.Acquire(port);
            listeningTo = character;
            source = listening.Stream.Character(character);
            listening.Stream.PromptApplied += HearApplied;
            listening.Stream.Refused += HearRefused;
            if (source != null)
            {
                source.PromptShown += HearShown;
            }
            mover = new CharacterMover(transform);
            driver = null;
            hasStarted = false;
            HasPose = false;
        }

        private void Unlisten()
        {
            if (listening == null)
            {
                return;
            }
            listening.Stream.PromptApplied -= HearApplied;
            listening.Stream.Refused -= HearRefused;
            if (source != null)
            {
                source.PromptShown -= HearShown;
            }
            listening.Release();
            listening = null;
            source = null;
            HasPose = false;
        }

        private void Show(double nowSecs)
        {
            if (!hasStarted)
            {
                hasStarted = true;
                ChooseBody();
                if (!string.IsNullOrEmpty(startPrompt))
                {
                    Prompt(startPrompt);
                }
            }
            bool isHuman = driver != null && driver.Problem == null;
            float scale = isHuman ? driver.Scale(source.Skeleton) : transform.lossyScale.y;
            mover.Follow(source.Pose, scale, rootMode == RootMode.MoveCharacter);
            if (isHuman)
            {
                driver.Show(source.Pose, source.Skeleton, rootMode, weight * Freshness(nowSecs));
            }
            else if (figure != null)
            {
                figure.Show(Local(), source.Skeleton);
            }
        }

        private void ChooseBody()
        {
            Animator found = animator != null ? animator : GetComponentInChildren<Animator>();
            if (found != null)
            {
                driver = new HumanoidDriver(found);
            }
            else if (figure == null)
            {
                figure = new StickFigureView(transform, figureMaterial);
            }
        }

        /// <summary>1 as long as frames come; half a second after the last it begins to fade.</summary>
        private float Freshness(double nowSecs)
        {
            float silence = (float)source.SilenceSecs(nowSecs);
            return releaseWhenSilent ? Mathf.Clamp01(1.5f - silence) : 1f;
        }

        /// <summary>The pose as a body below this object has it.</summary>
        private BodyPose Local()
        {
            local.CopyFrom(source.Pose);
            if (rootMode != RootMode.MoveHips)
            {
                local.RootPosition = new Vec3(0f, local.RootPosition.Y, 0f);
                local.Rotations[0] = Quat.FromYaw(-local.Yaw) * local.Rotations[0];
            }
            return local;
        }

        private PromptSender Sender()
        {
            if (sender == null)
            {
                sender = new PromptSender();
            }
            sender.Address(host, controlPort);
            return sender;
        }

        private void HearApplied(PromptReceipt receipt)
        {
            if (receipt.Character == character)
            {
                PromptApplied.Tell(receipt, this);
            }
        }

        private void HearShown(PromptReceipt receipt)
        {
            PromptShown.Tell(receipt, this);
        }

        private void HearRefused(Refusal refusal)
        {
            if (sender != null && sender.IsOurs(refusal.RequestId))
            {
                Debug.LogWarning("Flood Bridge: " + refusal.Reason, this);
                PromptRefused.Tell(refusal, this);
            }
        }
    }
}
