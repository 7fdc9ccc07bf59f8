using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>The body as lines in the Scene view, where nothing of the scene may be moved.</summary>
    internal static class FigureGizmo
    {
        private static readonly Vec3[] Joints = new Vec3[HumanBody.JointCount];
        private static readonly Quat[] Turns = new Quat[HumanBody.JointCount];

        public static void Draw(BodyPose pose, BodySkeleton skeleton, Transform place)
        {
            skeleton.Place(pose, Joints, Turns);
            Gizmos.color = Color.green;
            for (int joint = 1; joint < HumanBody.JointCount; joint++)
            {
                Gizmos.DrawLine(
                    place.TransformPoint(Joints[HumanBody.Parents[joint]].ToUnity()),
                    place.TransformPoint(Joints[joint].ToUnity()));
            }
        }
    }
}
