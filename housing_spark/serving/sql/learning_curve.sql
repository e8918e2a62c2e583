-- How much does the error of a model fall with more training rows, and would more of them help?
-- share: share of the training rows that were learned from; each sample lies within the next
-- gain: what all training rows take off this RMSE, as a share of it; null: all of them
-- gain_low: lower end of its paired bootstrap interval
-- gain_high: upper end of its paired bootstrap interval

SELECT
    model_version,
    CAST(variant AS DOUBLE) AS share,
    training_rows,
    rows,
    rmse,
    rmse_low,
    rmse_high,
    mae,
    median_ape,
    moran_i,
    compared AS gain,
    compared_low AS gain_low,
    compared_high AS gain_high
FROM study_fits
WHERE study = 'learning_curve'
ORDER BY model_version, position
