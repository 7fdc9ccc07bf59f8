namespace FloodBridge.Core
{
    /// <summary>
    /// One bone of an avatar in its T-pose, seen from the character: standing at the origin, facing +z, unscaled.
    /// </summary>
    public struct RestBone
    {
        /// <summary>Whether the avatar has this bone; only some are compulsory.</summary>
        public bool IsPresent;

        public Vec3 Position;
        public Quat Rotation;

        /// <summary>Rotation of the transform above the bone, whether that is a bone or not.</summary>
        public Quat ParentRotation;
    }

    /// <summary>Where the way through the world goes.</summary>
    public enum RootMode
    {
        /// <summary>Along the ground and the heading: to the character. Height and sway: to the hips.</summary>
        MoveCharacter,

        /// <summary>As before, but the character stays; a game moves it by <see cref="BodyPose.Velocity"/>.</summary>
        InPlace,

        /// <summary>Everything to the hips; the character stays where it is.</summary>
        MoveHips,
    }

    /// <summary>
    /// Turns a pose into local rotations for the bones of any humanoid. With D the rotation of a joint in the world
    /// since the T-pose, B that of its bone in the T-pose and P that of the transform above, the bone's local rotation
    /// is <c>inverse(P) * inverse(D of the bone above) * D * B</c>: which way the axes of a bone point, whether it
    /// rests in an A-pose, which transforms lie between, all cancels out. Distances are scaled by the length of the
    /// legs, so that planted feet stay planted.
    /// </summary>
    public sealed class HumanoidRig
    {
        private const float LeastLegs = 1e-3f;

        private static readonly int[] SpineJoints =
        {
            HumanBody.Spine, HumanBody.Chest, HumanBody.UpperChest,
        };

        private readonly RestBone[] bones;
        private readonly Quat[] inverseParents = new Quat[HumanBody.JointCount];
        private readonly int[] carried = new int[HumanBody.JointCount];
        private readonly int[] above = new int[HumanBody.JointCount];
        private readonly Quat[] world = new Quat[HumanBody.JointCount];
        private readonly Quat[] local = new Quat[HumanBody.JointCount];
        private readonly float legLength;

        /// <summary>For an avatar whose 22 bones, by joint, are these.</summary>
        public HumanoidRig(RestBone[] bones)
        {
            this.bones = (RestBone[])bones.Clone();
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                inverseParents[joint] = bones[joint].ParentRotation.Inverse;
                carried[joint] = joint;
                above[joint] = PresentAbove(joint);
            }
            FoldSpine();
            legLength = Distance(HumanBody.LeftHip, HumanBody.LeftKnee)
                + Distance(HumanBody.LeftKnee, HumanBody.LeftAnkle);
        }

        /// <summary>
        /// Why the avatar cannot be moved, or null. Hips and the left leg are needed; Unity asks for more.
        /// </summary>
        public string Problem
        {
            get
            {
                bool hasLeg = bones[HumanBody.Pelvis].IsPresent && bones[HumanBody.LeftHip].IsPresent
                    && bones[HumanBody.LeftKnee].IsPresent && bones[HumanBody.LeftAnkle].IsPresent;
                return !hasLeg ? "hips or left leg are missing"
                    : !(legLength > LeastLegs) ? "its legs have no length" : null;
            }
        }

        /// <summary>Where the hips belong, seen from the character, unscaled.</summary>
        public Vec3 HipsPosition { get; private set; }

        public bool Has(int joint)
        {
            return bones[joint].IsPresent;
        }

        /// <summary>The local rotation of a bone that is present, as of the last pose.</summary>
        public Quat LocalRotation(int joint)
        {
            return local[joint];
        }

        /// <summary>Metres of the avatar per metre of the source.</summary>
        public float Scale(BodySkeleton source)
        {
            return legLength / source.LegLength;
        }

        /// <summary>Take the pose of <paramref name="source"/>.</summary>
        public void Take(BodyPose pose, BodySkeleton source, RootMode mode)
        {
            bool keepsWay = mode == RootMode.MoveHips;
            world[0] = keepsWay ? pose.Rotations[0] : Quat.FromYaw(-pose.Yaw) * pose.Rotations[0];
            for (int joint = 1; joint < HumanBody.JointCount; joint++)
            {
                world[joint] = world[HumanBody.Parents[joint]] * pose.Rotations[joint];
            }
            for (int joint = 0; joint < HumanBody.JointCount; joint++)
            {
                Quat turned = world[carried[joint]] * bones[joint].Rotation;
                int parent = above[joint];
                local[joint] = inverseParents[joint]
                    * (parent < 0 ? turned : world[carried[parent]].Inverse * turned);
            }
            HipsPosition = Hips(pose.RootPosition, source, keepsWay);
        }

        /// <summary>
        /// The height of a straight stand stays the avatar's own; what the source moves from there is scaled.
        /// </summary>
        private Vec3 Hips(Vec3 position, BodySkeleton source, bool keepsWay)
        {
            float scale = Scale(source);
            Vec3 hips = bones[HumanBody.Pelvis].Position;
            hips.Y += scale * (position.Y - source.HipsHeight);
            if (keepsWay)
            {
                hips.X += scale * position.X;
                hips.Z += scale * position.Z;
            }
            return hips;
        }

        private float Distance(int a, int b)
        {
            return (bones[a].Position - bones[b].Position).Length;
        }

        private int PresentAbove(int joint)
        {
            int parent = HumanBody.Parents[joint];
            while (parent >= 0 && !bones[parent].IsPresent)
            {
                parent = HumanBody.Parents[parent];
            }
            return parent;
        }

        /// <summary>
        /// An avatar with fewer spine bones bends in those it has: each takes over the missing ones above it.
        /// </summary>
        private void FoldSpine()
        {
            int carrier = HumanBody.Pelvis;
            foreach (int joint in SpineJoints)
            {
                if (bones[joint].IsPresent)
                {
                    carrier = joint;
                }
                else if (carrier != HumanBody.Pelvis)
                {
                    carried[carrier] = joint;
                }
            }
        }
    }
}
