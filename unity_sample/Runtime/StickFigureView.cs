using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>Draws the body as a mesh of spindles: left blue, right orange. It is never saved.</summary>
    internal sealed class StickFigureView
    {
        private static readonly Color32 Left = new Color32(70, 140, 230, 255);
        private static readonly Color32 Right = new Color32(240, 140, 50, 255);
        private static readonly Color32 Middle = new Color32(220, 220, 220, 255);

        private readonly Vec3[] joints = new Vec3[HumanBody.JointCount];
        private readonly Quat[] turns = new Quat[HumanBody.JointCount];
        private readonly Vec3[] points = new Vec3[StickFigure.VertexCount];
        private readonly Vector3[] vertices = new Vector3[StickFigure.VertexCount];
        private readonly GameObject holder;
        private readonly Mesh mesh;
        private readonly Material ownMaterial;

        /// <summary>A figure below <paramref name="parent"/>; without a material it is unlit.</summary>
        public StickFigureView(Transform parent, Material material)
        {
            mesh = new Mesh { name = "Flood Bridge Stick Figure", hideFlags = HideFlags.DontSave };
            mesh.MarkDynamic();
            FillOnce();
            // In every build; drawn by the built-in and the universal render pipeline.
            Shader unlit = material != null ? null : Shader.Find("Sprites/Default");
            if (unlit != null)
            {
                ownMaterial = new Material(unlit) { hideFlags = HideFlags.DontSave };
            }
            holder = new GameObject("Stick Figure") { hideFlags = HideFlags.DontSave };
            holder.transform.SetParent(parent, false);
            holder.AddComponent<MeshFilter>().sharedMesh = mesh;
            holder.AddComponent<MeshRenderer>().sharedMaterial = material != null ? material : ownMaterial;
        }

        /// <summary>Take the pose; the place is that of the parent.</summary>
        public void Show(BodyPose pose, BodySkeleton source)
        {
            source.Place(pose, joints, turns);
            StickFigure.Fill(joints, turns, points);
            for (int i = 0; i < points.Length; i++)
            {
                vertices[i] = points[i].ToUnity();
            }
            mesh.vertices = vertices;
            mesh.RecalculateNormals();
            mesh.RecalculateBounds();
        }

        public void Destroy()
        {
            DestroyNow(holder);
            DestroyNow(mesh);
            DestroyNow(ownMaterial);
        }

        private void FillOnce()
        {
            var triangles = new int[StickFigure.VertexCount];
            var colours = new Color32[StickFigure.VertexCount];
            for (int i = 0; i < triangles.Length; i++)
            {
                triangles[i] = i;
                // The first spindle belongs to joint 1; the last one is the crown of the head.
                int joint = i / StickFigure.VerticesPerSpindle + 1;
                int side = joint < HumanBody.JointCount ? StickFigure.Side(joint) : 0;
                colours[i] = side < 0 ? Left : side > 0 ? Right : Middle;
            }
            mesh.vertices = vertices;
            mesh.colors32 = colours;
            mesh.triangles = triangles;
        }

        private static void DestroyNow(Object thing)
        {
            if (thing == null)
            {
                return;
            }
            if (Application.isPlaying)
            {
                Object.Destroy(thing);
            }
            else
            {
                Object.DestroyImmediate(thing);
            }
        }
    }
}
