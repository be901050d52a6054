"""What the operator is delivered in: the Helm chart's generated parts and install.yaml. Pure: text from models, no files."""
