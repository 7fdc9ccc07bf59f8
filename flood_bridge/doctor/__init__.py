"""``flood-bridge doctor``: why does my receiver show nothing, or the wrong thing?

Test patterns tell right axes from wrong ones, a monitor shows what really arrives, checks look at
ports and loss, and a stream can be kept in a file and sent again. Each part returns lines of text
or yields them; time is an argument.
"""
