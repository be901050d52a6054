"""The commands, one file per family. Each is loaded only when it is called."""
