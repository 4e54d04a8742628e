"""An answer runs: asked, streamed, metered, measured, kept."""
