"""Human motion as plain values: the skeleton, one pose, rotations. NumPy only.

Axes everywhere inside: metres, right-handed, **x to the body's left, y up, z forward**
(HumanML3D's). Quaternions are ``wxyz``. Other axes and orders exist only in ``protocol``.
"""
