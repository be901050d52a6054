"""From what was read to what is shown. Pure: values in, renderables out; the golden tests compare what they look like."""
