# makes: a CloudWatch alarm on one metric that notifies a topic
# asks: Which metric should be watched, and from which value on?
# output: alarm_arn | aws_cloudwatch_metric_alarm.recipe_name.arn | ARN of the alarm
resource "aws_cloudwatch_metric_alarm" "recipe_name" {
  alarm_name          = var.name
  namespace           = var.metric_namespace
  metric_name         = var.metric_name
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.threshold
  period              = 300
  evaluation_periods  = 2
  alarm_actions       = [var.topic_arn]
}
