printf '{"data": {"a": {"x": 1}, "b": {"x": 2}}}' >features.json

BLOCK
