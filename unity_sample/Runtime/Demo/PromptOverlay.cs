using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>A line to type prompts into, over the running game. For demos; needs no UI package.</summary>
    [AddComponentMenu("Flood Bridge/Prompt Overlay")]
    public sealed class PromptOverlay : MonoBehaviour
    {
        private const float Width = 460f;

        [Tooltip("Who is spoken to.")]
        public FloodBridgeReceiver receiver;

        private string text = "a person waves";
        private string shown = "";

        private void Start()
        {
            if (receiver != null)
            {
                receiver.PromptShown += Show;
            }
        }

        private void OnDestroy()
        {
            if (receiver != null)
            {
                receiver.PromptShown -= Show;
            }
        }

        private void OnGUI()
        {
            if (receiver == null)
            {
                return;
            }
            // The key is used up by the text field, so that it has to be looked at first.
            Event now = Event.current;
            bool isEntered = now.type == EventType.KeyDown
                && (now.keyCode == KeyCode.Return || now.keyCode == KeyCode.KeypadEnter);
            GUILayout.BeginArea(new Rect(12f, 12f, Width, 90f), GUI.skin.box);
            text = GUILayout.TextField(text, FloodCommands.MaxTextBytes);
            if (GUILayout.Button("Send prompt") || isEntered)
            {
                receiver.Prompt(text);
            }
            GUILayout.Label(receiver.Problem ?? (receiver.HasPose ? shown : "waiting for the stream"));
            GUILayout.EndArea();
        }

        private void Show(PromptReceipt receipt)
        {
            shown = receipt.Text + "  (" + receipt.LatencyMs + " ms)";
        }
    }
}
