"""What running a workload costs: bills, energy, depreciation, pay-back, currencies."""
