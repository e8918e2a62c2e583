-- How many rows were set aside, and why?
-- code: code of the reason; 'all' for every row that was set aside, also when there is none
-- column: column that the reason is about
-- rule: rule of the contract that the row broke
-- rows: rows set aside; a row with two reasons counts for both
-- example: one of the texts that were refused

SELECT
    'all' AS code,
    CAST(NULL AS STRING) AS column,
    CAST(NULL AS STRING) AS rule,
    count(*) AS rows,
    CAST(NULL AS STRING) AS example
FROM quarantine
UNION ALL
SELECT reason.code, reason.column, reason.rule, count(*) AS rows, min(reason.value) AS example
FROM (SELECT explode(reasons) AS reason FROM quarantine)
GROUP BY reason.code, reason.column, reason.rule
ORDER BY rows DESC, code, column
