using UnityEditor;

namespace FloodBridge.Editor
{
    /// <summary>Window > Flood Bridge > Prompts: speak to a character without selecting it.</summary>
    public sealed class PromptWindow : EditorWindow
    {
        private readonly ReceiverPicker picker = new ReceiverPicker();
        private readonly PromptBox prompts = new PromptBox();

        [MenuItem("Window/Flood Bridge/Prompts")]
        public static void Open()
        {
            GetWindow<PromptWindow>("Flood Prompts");
        }

        private void OnGUI()
        {
            FloodBridgeReceiver receiver = picker.Draw();
            if (receiver != null)
            {
                prompts.Draw(receiver);
                StatusBox.Draw(receiver);
            }
        }

        private void OnInspectorUpdate()
        {
            Repaint();
        }
    }
}
