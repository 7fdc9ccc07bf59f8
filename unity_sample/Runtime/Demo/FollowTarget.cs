using UnityEngine;

namespace FloodBridge
{
    /// <summary>Keeps this object, usually a camera, at its distance from another that walks away.</summary>
    [AddComponentMenu("Flood Bridge/Follow Target")]
    public sealed class FollowTarget : MonoBehaviour
    {
        [Tooltip("Who is followed.")]
        public Transform target;

        [Tooltip("Seconds in which most of the distance is caught up.")]
        public float lag = 0.5f;

        private Vector3 offset;

        private void Start()
        {
            if (target != null)
            {
                offset = transform.position - target.position;
            }
        }

        private void LateUpdate()
        {
            if (target == null)
            {
                return;
            }
            float share = 1f - Mathf.Exp(-Time.deltaTime / Mathf.Max(lag, 0.01f));
            transform.position = Vector3.Lerp(transform.position, target.position + offset, share);
        }
    }
}
