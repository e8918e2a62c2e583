-- How much worse is a model on later sales, and in places that no training row is near to, than on a random split?
-- scheme: random: rows by hash; time: the newest sales; spatial: whole blocks of the map
-- gap: RMSE over that of the random split, less 1
-- gap_low: lower end of its bootstrap interval
-- gap_high: upper end of its bootstrap interval

SELECT
    model_version,
    variant AS scheme,
    training_rows,
    rows,
    rmse,
    rmse_low,
    rmse_high,
    mae,
    median_ape,
    moran_i,
    compared AS gap,
    compared_low AS gap_low,
    compared_high AS gap_high
FROM study_fits
WHERE study = 'validation'
ORDER BY model_version, position
