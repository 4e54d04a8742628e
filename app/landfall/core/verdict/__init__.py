"""What is known of a workload, the decision table on it, and how sure the answer is.

From the world to the answer: `world` holds what is known apart from the workload, `ability`,
`machines`, `places`, `bills`, `renting` and `latency` make each option of it, `assembling` puts the
`facts` together, `decision_table` goes through the rules (in the words of `table_words`, written
down in a `table_record`), `verdict` is what comes of it, `verdict_json` that as JSON,
`options` every way beside the chosen one.

What would change it: `sensitivity` asks for flips, `turning` finds the value at which one turns,
`searching` the way there, `quick_changes` and `quick_table` (on plain `table_numbers`) decide
quickly on changed workloads, `swings` are the bars of a tornado, `what_if` the sliders,
`over_volume` the curves.

How sure it is: `doubts` says what is doubted, `scene` what a world may be, `drawn_worlds` draws
worlds, `worlds` says what they come to.

Beside it: `cautions` warn, `notes` and `starting` say what the guide says, `details` (made by
`detailing`, those of a purchase by `purchase_detail`) stand behind the options, `rate_dates` and
`staleness` watch its age, `card` says it in five lines; `tenants`, `together` and
`together_words` are all workloads on one machine.
"""
