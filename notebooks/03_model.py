# Databricks notebook source
# MAGIC %md
# MAGIC # Look into the model and its errors
# MAGIC
# MAGIC What the champion looks at, how far off it is on test rows, where it misses, and whether its ranges hold.
# MAGIC
# MAGIC Runs the pipeline first where nothing has been priced yet.

# COMMAND ----------

dbutils.widgets.text("dataset", "ames", "Dataset: name or path of a contract")
dbutils.widgets.text("input", "", "Rows to begin with; empty: the contract's own")
dbutils.widgets.text("warehouse", "", "Folder of the tables; empty: as in the settings")
dbutils.widgets.text("trials", "2", "Trials of the search, where a model has to be trained first")

# COMMAND ----------

import matplotlib.pyplot as plt
from pyspark.sql import functions as F

from housing_spark import notebooks

trials = int(dbutils.widgets.get("trials"))
budget = f"search.max_evals={{gbt: {trials}}}"

with notebooks.open_run(
    dbutils.widgets.get("dataset"),
    input=dbutils.widgets.get("input"),
    warehouse=dbutils.widgets.get("warehouse"),
    settings=[budget],
) as run:
    notebooks.bring_up(run)
    importances = notebooks.champion_importances(run)

spark.sql(f"USE {run.warehouse.database}")
errors = spark.table("prediction_errors").where("split = 'test'")
currency = run.contract.currency

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT * FROM model_versions

# COMMAND ----------

# MAGIC %md
# MAGIC ## What it looks at

# COMMAND ----------

top = importances.head(20).iloc[::-1]

figure, axes = plt.subplots(figsize=(8, 6))
axes.barh(top["feature"], top["share"])
axes.set(title="Importance", xlabel="share of the whole")
display(figure)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Predicted against paid
# MAGIC
# MAGIC Homes counted in a grid of 60 by 60 on logarithmic axes, however many there are. On the line the prediction is
# MAGIC right.

# COMMAND ----------

low, high = errors.where("price > 0 AND prediction > 0").agg(F.min("price"), F.max("price")).first()
width = F.log(F.lit(high / low)) / 60
cell = {name: F.floor(F.log(F.col(name) / low) / width).alias(name) for name in ("price", "prediction")}
grid = errors.where("price > 0 AND prediction > 0").groupBy(*cell.values()).count()
grid = grid.where(F.col("prediction").between(0, 60)).toPandas()
step = (high / low) ** (1 / 60)

figure, axes = plt.subplots(figsize=(6, 6))
points = axes.scatter(low * step ** grid["price"], low * step ** grid["prediction"], c=grid["count"], s=12)
axes.plot([low, high], [low, high], "k-", linewidth=0.8)
axes.set(xlabel=f"paid, {currency}", ylabel=f"predicted, {currency}", xscale="log", yscale="log", title="Test rows")
figure.colorbar(points, label="homes")
display(figure)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Relative error
# MAGIC
# MAGIC Above 0 the model asks too much.

# COMMAND ----------

bars = errors.where("abs(relative_error) < 1").groupBy(F.floor(F.col("relative_error") * 40).alias("bar")).count()
bars = bars.toPandas()

figure, axes = plt.subplots(figsize=(8, 4))
axes.bar(bars["bar"] / 40, bars["count"], width=1 / 40, align="edge")
axes.axvline(0, color="black", linewidth=0.8)
axes.set(title="Relative error on test rows", xlabel="(predicted - paid) / paid", ylabel="homes")
display(figure)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where it is off

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT segment_column, segment, rows, rmse, median_ape, within_10_percent, coverage, rmse_over_all
# MAGIC FROM error_by_segment

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT row_key, price, prediction, prediction_lower, prediction_upper, relative_error FROM biggest_misses

# COMMAND ----------

# MAGIC %md
# MAGIC ## Whether the ranges hold
# MAGIC
# MAGIC The range should cover the same share of cheap and of dear homes.

# COMMAND ----------

bands = spark.table("coverage_by_price_band").toPandas()
level = run.warehouse.read("scoring_runs").agg(F.max_by("interval_level", "scored_at")).first()[0]

figure, axes = plt.subplots(figsize=(8, 4))
axes.bar(bands["price_band"], bands["coverage"])
axes.axhline(level, color="black", linewidth=0.8)
axes.set(title="Share of prices inside the range", xlabel="tenth of the test rows by price", ylim=(0, 1))
display(figure)
