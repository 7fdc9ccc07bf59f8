using FloodBridge.Core;
using UnityEngine;

namespace FloodBridge
{
    /// <summary>
    /// Leads an object through the world as the body goes, from wherever the game has put it; with collisions if it has
    /// a CharacterController.
    /// </summary>
    internal sealed class CharacterMover
    {
        private readonly RootMotion root = new RootMotion();
        private readonly Transform moved;
        private readonly CharacterController controller;

        public CharacterMover(Transform moved)
        {
            this.moved = moved;
            controller = moved.GetComponent<CharacterController>();
        }

        /// <summary>Along the ground in the world, metres per second.</summary>
        public Vector3 Velocity { get; private set; }

        /// <summary>Degrees per second to the right.</summary>
        public float TurnRate { get; private set; }

        /// <summary>Take in the next pose; <paramref name="scale"/> is metres here per metre there.</summary>
        public void Follow(BodyPose pose, float scale, bool isMoving)
        {
            root.Follow(pose);
            Quaternion streamToWorld = moved.rotation * Quat.FromYaw(-pose.Yaw).ToUnity();
            Velocity = streamToWorld * pose.Velocity.ToUnity() * scale;
            TurnRate = pose.YawRate * Mathf.Rad2Deg;
            if (isMoving)
            {
                Move(moved.rotation * root.Step.ToUnity() * scale);
            }
        }

        private void Move(Vector3 step)
        {
            moved.rotation = moved.rotation * Quat.FromYaw(root.Turn).ToUnity();
            if (controller != null && controller.enabled)
            {
                controller.Move(step);
            }
            else
            {
                moved.position += step;
            }
        }
    }
}
