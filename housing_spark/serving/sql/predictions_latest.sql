-- What is the newest price of each home?

-- At the day of its own sale: prices at another valuation date (valued_on) are in predictions.
-- Through scoring_runs: the prices of a run that did not finish are not seen. p.* brings the contract's key columns.
WITH ranked AS (
    SELECT
        p.*,
        row_number() OVER (PARTITION BY p.row_key ORDER BY r.scored_at DESC, r.scoring_run_id DESC) AS newest_first
    FROM predictions AS p
    INNER JOIN scoring_runs AS r ON r.scoring_run_id = p.scoring_run_id
    WHERE p.valued_on IS NULL
)

SELECT * EXCEPT (newest_first)
FROM ranked
WHERE newest_first = 1
