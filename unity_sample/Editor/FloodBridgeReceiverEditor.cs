using UnityEditor;
using UnityEngine;

namespace FloodBridge.Editor
{
    /// <summary>The receiver's inspector: its settings, how the stream is, and a box for prompts.</summary>
    [CustomEditor(typeof(FloodBridgeReceiver))]
    public sealed class FloodBridgeReceiverEditor : UnityEditor.Editor
    {
        private readonly PromptBox prompts = new PromptBox();

        /// <summary>Numbers that live are drawn all the time.</summary>
        public override bool RequiresConstantRepaint()
        {
            return ((FloodBridgeReceiver)target).Port != null;
        }

        public override void OnInspectorGUI()
        {
            var receiver = (FloodBridgeReceiver)target;
            DrawDefaultInspector();
            EditorGUILayout.Space();
            StatusBox.Draw(receiver);
            prompts.Draw(receiver);
            if (!Application.isPlaying && receiver.previewInEditMode)
            {
                // Outside Play mode scripts are only updated when something asks for it.
                EditorApplication.QueuePlayerLoopUpdate();
                SceneView.RepaintAll();
            }
        }
    }
}
