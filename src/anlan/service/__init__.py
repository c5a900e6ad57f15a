"""The HTTP application: routes mounted, sign-in and rights, live stream, hosting a replay."""
