using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge.Samples
{
    /// <summary>
    /// An NPC whose motion follows the game: it waits, greets a player who comes, and backs away from one who comes too
    /// near. Prompts are sent only when the mood changes, and only when the last one can be seen, because a motion
    /// takes about a second to turn.
    /// </summary>
    [RequireComponent(typeof(FloodBridgeReceiver))]
    public sealed class NpcPrompts : MonoBehaviour
    {
        [Tooltip("Who is looked at.")]
        public Transform player;

        [Tooltip("A prompt that cannot be seen after so many seconds was lost and is sent again.")]
        public float patience = 3f;

        private readonly NpcMood mood = new NpcMood();
        private FloodBridgeReceiver receiver;
        private string said;
        private int request;
        private float saidAt;

        private void OnEnable()
        {
            receiver = GetComponent<FloodBridgeReceiver>();
            receiver.PromptShown += Seen;
        }

        private void OnDisable()
        {
            receiver.PromptShown -= Seen;
        }

        private void Update()
        {
            if (player == null || !receiver.HasPose)
            {
                return;
            }
            mood.See(Vector3.Distance(transform.position, player.position));
            if (request != 0 && Time.time - saidAt > patience)
            {
                request = 0;
                said = null; // it was lost: say it once more
            }
            if (mood.Prompt != said && request == 0)
            {
                said = mood.Prompt;
                saidAt = Time.time;
                request = receiver.Prompt(said);
            }
        }

        private void Seen(PromptReceipt receipt)
        {
            if (receipt.RequestId == request)
            {
                request = 0;
            }
        }
    }
}
