"""Benchmarks: apart from the tests, because they take time and tell figures.

All of them, one after another, with one table of figures and goals at the end:

    PYTHONPATH=app:. python -m tests.benchmarks [-k WORDS] [--seconds 60] [--out FILE]

With `ollama` on PATH, cancelling is measured on it as well. `--seconds 60` makes whole minutes of
the streams and of idling, which else take 10 s. One benchmark tells its goals to the fixture
`goals`, which makes its rows of the table and fails where one was missed.

    test_first_paint.py       From `landfall` to the first painted window: at most 1.5 times the CPU
                              time of a bare window, and at most 250 ms. Medians of nine.
    test_run_page_stream.py   1,000 tokens a second, and eight answers with 200 each: no stall of
                              the event loop above 33 ms, 99 of 100 under 16 ms; stamps right
                              within 20 ms while the window is busy.
    test_idle.py              A window in which nothing happens: under 0.1 s of CPU time a minute,
                              no timer that would fire, under 90 MB of memory.
    test_cancel.py            From Stop to a server that makes no more of the answer: at most 0.5 s.
    test_year_of_history.py   5,000 runs, 5 million samples: list and totals in under 300 ms, the
                              file under 200 MB; each query by itself.
    test_history_page.py      The History page with a year of runs.
    test_sampler.py           Ten readings a second of four sensors: under 1 % of a core.
    test_overhead.py          The charting Run page against plain curl on a real Ollama: the decode
                              rate stays at 0.98 or above, median of ten pairs.
    test_usage_import.py      A million rows of CSV and of JSON lines through their readers, under
                              15 s of CPU and 300 MB, beside plain loops over the same files.
    test_hosts_polled.py      Fifty hosts watched for a minute, one of them dead: under 1 % of a
                              core, none once nobody watches; all others read within 2 s.
    test_replay_speed.py      A million recorded calls through 1 to 512 slots, and all that is said
                              of them pooled and split: under 2 s of CPU each.
    kill_loop.py              A command: `PYTHONPATH=app python -m tests.benchmarks.kill_loop` kills
                              the program a hundred times while it keeps answers: 0 lost.
    kill_commands.py          The same of whole commands: pulls, runs, imports, verdicts, exports,
                              upgrades of old homes.

`PYTHONPATH=app python -m tests.services.power.test_energy_traces` prints how well energy is
reckoned, by synthetic loads and by recorded cards.

Figures compare only with those of the same machine: they are told, and the bounds are asserted.
"""
