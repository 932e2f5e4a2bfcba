# makes: an encrypted SQS queue with a dead-letter queue
# assumes: A message that fails several times goes to the dead-letter queue.
# asks: Who sends to the queue, and who reads it?
# output: queue_url | aws_sqs_queue.recipe_name.url | Address of the queue
resource "aws_sqs_queue" "recipe_name_dead" {
  name                    = "${var.name}-dead"
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "recipe_name" {
  name                    = var.name
  sqs_managed_sse_enabled = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.recipe_name_dead.arn
    maxReceiveCount     = 5
  })
}
