"""How much work there is and whether a machine keeps up: forecasts, queues, load.

How much comes: `forecast`, `outlook` and `growth` tell volume in advance, `trace`, `hours` and
`day_pattern` when it comes, `load` what it asks for.

Who keeps up: `serving` is one server, `queueing` its slots and waiting, `shared_queue` one
queue before several machines, `strain` what the work asks of one of them, `report` says it.

How many people: `people` answers, for machines that `served_speed` makes, by the queue of
`arrangements` or, over a record, by `crowd_replay`; `people_curves` is its chart. `replaying` is a
record as a stream of calls.
"""
