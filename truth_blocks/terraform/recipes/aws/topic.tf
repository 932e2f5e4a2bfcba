# makes: an encrypted SNS topic with one e-mail subscription
# assumes: The topic is encrypted with the key that AWS manages for SNS.
# asks: Who should be notified?
# output: topic_arn | aws_sns_topic.recipe_name.arn | ARN of the topic
resource "aws_sns_topic" "recipe_name" {
  name              = var.name
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_subscription" "recipe_name" {
  topic_arn = aws_sns_topic.recipe_name.arn
  protocol  = "email"
  endpoint  = var.email
}
