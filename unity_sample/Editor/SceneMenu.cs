using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;

namespace FloodBridge.Editor
{
    /// <summary>Menu commands that build things by script: no scene or prefab has to be shipped.</summary>
    public static class SceneMenu
    {
        [MenuItem("GameObject/Flood Bridge/Stick Figure", false, 10)]
        public static void AddStickFigure()
        {
            var figure = new GameObject("Flood Bridge Figure");
            figure.AddComponent<FloodBridgeReceiver>();
            Undo.RegisterCreatedObjectUndo(figure, "Add Flood Bridge stick figure");
            Selection.activeGameObject = figure;
        }

        [MenuItem("GameObject/Flood Bridge/Drive This Humanoid", false, 11)]
        public static void DriveSelected()
        {
            GameObject chosen = Selection.activeGameObject;
            if (chosen.GetComponent<FloodBridgeReceiver>() == null)
            {
                Undo.AddComponent<FloodBridgeReceiver>(chosen);
            }
        }

        [MenuItem("GameObject/Flood Bridge/Drive This Humanoid", true)]
        public static bool CanDriveSelected()
        {
            GameObject chosen = Selection.activeGameObject;
            Animator animator = chosen == null ? null : chosen.GetComponentInChildren<Animator>();
            return animator != null && animator.isHuman;
        }

        [MenuItem("Window/Flood Bridge/Build Sample Scene")]
        public static void BuildSampleScene()
        {
            if (!EditorSceneManager.SaveCurrentModifiedScenesIfUserWantsTo())
            {
                return;
            }
            EditorSceneManager.NewScene(NewSceneSetup.DefaultGameObjects, NewSceneMode.Single);
            GameObject ground = GameObject.CreatePrimitive(PrimitiveType.Plane);
            ground.name = "Ground";
            ground.transform.localScale = new Vector3(10f, 1f, 10f);
            var figure = new GameObject("Flood Bridge Figure");
            FloodBridgeReceiver receiver = figure.AddComponent<FloodBridgeReceiver>();
            figure.AddComponent<PromptOverlay>().receiver = receiver;
            PlaceCamera(figure.transform);
            Selection.activeGameObject = figure;
        }

        private static void PlaceCamera(Transform target)
        {
            Camera camera = Camera.main;
            if (camera == null)
            {
                return;
            }
            camera.transform.position = new Vector3(0f, 1.8f, 4f);
            camera.transform.LookAt(new Vector3(0f, 1f, 0f));
            camera.gameObject.AddComponent<FollowTarget>().target = target;
        }
    }
}
