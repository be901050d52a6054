"""What people see of a running operator: recording rules, alerts and a dashboard, as plain values that `generate` writes out."""
