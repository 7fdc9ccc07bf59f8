using System.Collections.Generic;

namespace FloodBridge.Core
{
    /// <summary>The daemon obeyed a prompt: <c>/flood/{id}/prompt/applied</c>.</summary>
    public struct PromptReceipt
    {
        public const string Types = "isii";

        public int Character;
        public int RequestId;
        public string Text;

        /// <summary>The first frame that shows it.</summary>
        public int Sequence;

        /// <summary>From the prompt's arrival at the daemon to that frame.</summary>
        public int LatencyMs;
    }

    /// <summary>The daemon did not obey: <c>/flood/error</c>.</summary>
    public struct Refusal
    {
        public const string Types = "is";

        /// <summary>0 if it is not known what was refused.</summary>
        public int RequestId;
        public string Reason;
    }

    /// <summary>How the daemon is, once per second: <c>/flood/status</c>.</summary>
    public struct DaemonStatus
    {
        public const string Types = "fissfffii";

        public float UptimeSecs;
        public int Characters;

        /// <summary>loading, running, paused or stopping.</summary>
        public string State;
        public string Prompt;
        public float GenerationFps;
        public float OutputFps;
        public float LeadMs;
        public int Underruns;
        public int LatencyMs;
    }

    /// <summary>Receipts that wait until their frame is shown. Of too many the oldest is forgotten.</summary>
    public sealed class PromptWatch
    {
        private const int Capacity = 16;

        private readonly Queue<PromptReceipt> expected = new Queue<PromptReceipt>(Capacity);

        public void Expect(PromptReceipt receipt)
        {
            if (expected.Count == Capacity)
            {
                expected.Dequeue();
            }
            expected.Enqueue(receipt);
        }

        /// <summary>The next receipt whose frame is not after <paramref name="shown"/>.</summary>
        public bool TryTake(int shown, out PromptReceipt receipt)
        {
            receipt = default(PromptReceipt);
            if (expected.Count == 0 || Serial.Difference(shown, expected.Peek().Sequence) < 0)
            {
                return false;
            }
            receipt = expected.Dequeue();
            return true;
        }

        public void Clear()
        {
            expected.Clear();
        }
    }
}
