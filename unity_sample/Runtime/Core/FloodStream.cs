using System;
using System.Collections.Generic;

namespace FloodBridge.Core
{
    /// <summary>
    /// The native stream of one daemon: datagrams go in, characters and events come out. Nothing that a datagram can
    /// hold throws. One thread only.
    /// </summary>
    public sealed class FloodStream : IOscListener
    {
        /// <summary>More are not made, whatever numbers come.</summary>
        public const int MaxCharacters = 256;

        private readonly Dictionary<int, FloodCharacter> characters =
            new Dictionary<int, FloodCharacter>();

        private readonly FloodCharacter[] touched = new FloodCharacter[MaxCharacters];
        private readonly TextCache promptText = new TextCache();
        private readonly TextCache reasonText = new TextCache();
        private readonly TextCache stateText = new TextCache();
        private readonly TextCache statusText = new TextCache();
        private int touchedCount;
        private double nowSecs;

        /// <summary>Datagrams that were OSC.</summary>
        public long Datagrams { get; private set; }

        /// <summary>Datagrams that were not.</summary>
        public long BadDatagrams { get; private set; }

        /// <summary>What was wrong with the last bad one.</summary>
        public OscProblem LastProblem { get; private set; }

        public DaemonStatus Status { get; private set; }

        /// <summary>Writes down what comes; null, as usual, costs nothing.</summary>
        public MessageLog Log { get; set; }

        public event Action<PromptReceipt> PromptApplied;
        public event Action<Refusal> Refused;
        public event Action<int, float> Pong;

        public int CharacterCount
        {
            get { return characters.Count; }
        }

        /// <summary>
        /// The character with this number, made if it is not there; null if there are too many.
        /// </summary>
        public FloodCharacter Character(int id)
        {
            FloodCharacter character;
            if (characters.TryGetValue(id, out character))
            {
                return character;
            }
            if (id < 0 || id > FloodAddress.MaxCharacter || characters.Count == MaxCharacters)
            {
                return null;
            }
            character = new FloodCharacter(id);
            characters.Add(id, character);
            return character;
        }

        /// <summary>Take in one datagram that came at <paramref name="arrivalSecs"/> of our clock.</summary>
        public void Accept(byte[] data, int length, double arrivalSecs)
        {
            nowSecs = arrivalSecs;
            touchedCount = 0;
            OscProblem problem = OscReader.Read(data, length, this);
            if (problem != OscProblem.None)
            {
                BadDatagrams++;
                LastProblem = problem;
                return;
            }
            Datagrams++;
            for (int i = 0; i < touchedCount; i++)
            {
                touched[i].Commit(arrivalSecs);
            }
        }

        void IOscListener.Hear(ref OscMessage message)
        {
            if (Log != null)
            {
                Log.Note(ref message);
            }
            int id;
            FloodTopic topic = FloodAddress.Parse(ref message, out id);
            if (topic == FloodTopic.Unknown || topic == FloodTopic.Joints)
            {
                return;
            }
            if (id < 0)
            {
                HearDaemon(topic, ref message);
                return;
            }
            FloodCharacter character = Character(id);
            if (character != null)
            {
                HearCharacter(character, topic, ref message);
            }
        }

        private void HearCharacter(
            FloodCharacter character, FloodTopic topic, ref OscMessage message)
        {
            switch (topic)
            {
                case FloodTopic.Frame:
                case FloodTopic.Compact:
                    character.HearFrame(ref message, topic == FloodTopic.Compact, nowSecs);
                    Touch(character);
                    break;
                case FloodTopic.Root:
                    character.HearRoot(ref message);
                    break;
                case FloodTopic.Contact:
                    character.HearContact(ref message);
                    break;
                case FloodTopic.Skeleton:
                    character.HearSkeleton(ref message);
                    break;
                case FloodTopic.PromptApplied:
                    HearReceipt(character, ref message);
                    break;
                case FloodTopic.Flush:
                    HearFlush(character, ref message);
                    break;
            }
        }

        private void Touch(FloodCharacter character)
        {
            if (touchedCount == 0 || touched[touchedCount - 1] != character)
            {
                touched[touchedCount] = character;
                touchedCount = Math.Min(touchedCount + 1, touched.Length - 1);
            }
        }

        private void HearFlush(FloodCharacter character, ref OscMessage message)
        {
            if (message.BeginsWith("i"))
            {
                int sequence = message.Arguments.NextInt();
                if (sequence >= 0)
                {
                    character.HearFlush(sequence, nowSecs);
                }
            }
        }

        private void HearReceipt(FloodCharacter character, ref OscMessage message)
        {
            if (!message.BeginsWith(PromptReceipt.Types))
            {
                return;
            }
            OscArguments arguments = message.Arguments;
            PromptReceipt receipt = new PromptReceipt { Character = character.Id };
            receipt.RequestId = arguments.NextInt();
            receipt.Text = arguments.NextText(promptText);
            receipt.Sequence = arguments.NextInt() & int.MaxValue;
            receipt.LatencyMs = arguments.NextInt();
            character.HearReceipt(receipt);
            Action<PromptReceipt> heard = PromptApplied;
            if (heard != null)
            {
                heard(receipt);
            }
        }

        private void HearDaemon(FloodTopic topic, ref OscMessage message)
        {
            if (topic == FloodTopic.Status && message.BeginsWith(DaemonStatus.Types))
            {
                Status = ReadStatus(message.Arguments);
            }
            else if (topic == FloodTopic.Error && message.BeginsWith(Refusal.Types))
            {
                OscArguments arguments = message.Arguments;
                Refusal refusal = new Refusal { RequestId = arguments.NextInt() };
                refusal.Reason = arguments.NextText(reasonText);
                Action<Refusal> heard = Refused;
                if (heard != null)
                {
                    heard(refusal);
                }
            }
            else if (topic == FloodTopic.Pong && message.BeginsWith("if"))
            {
                OscArguments arguments = message.Arguments;
                int request = arguments.NextInt();
                Action<int, float> heard = Pong;
                if (heard != null)
                {
                    heard(request, arguments.NextFloat());
                }
            }
        }

        private DaemonStatus ReadStatus(OscArguments arguments)
        {
            DaemonStatus status = default(DaemonStatus);
            status.UptimeSecs = arguments.NextFloat();
            status.Characters = arguments.NextInt();
            status.State = arguments.NextText(stateText);
            status.Prompt = arguments.NextText(statusText);
            status.GenerationFps = arguments.NextFloat();
            status.OutputFps = arguments.NextFloat();
            status.LeadMs = arguments.NextFloat();
            status.Underruns = arguments.NextInt();
            status.LatencyMs = arguments.NextInt();
            return status;
        }
    }
}
