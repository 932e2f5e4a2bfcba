# makes: a Lambda function with its own role and a log group
# assumes: The code is a zip file beside the configuration; the role may write logs and nothing else.
# asks: What starts the function, and what else may it do?
# output: function_arn | aws_lambda_function.recipe_name.arn | ARN of the function
data "aws_iam_policy_document" "recipe_name_function" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "recipe_name_function" {
  name               = "${var.name}-function"
  assume_role_policy = data.aws_iam_policy_document.recipe_name_function.json
}

resource "aws_iam_role_policy_attachment" "recipe_name_function" {
  role       = aws_iam_role.recipe_name_function.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_cloudwatch_log_group" "recipe_name_function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.retention_days
}

resource "aws_lambda_function" "recipe_name" {
  function_name    = var.name
  role             = aws_iam_role.recipe_name_function.arn
  runtime          = var.runtime
  handler          = var.handler
  filename         = var.code_zip
  source_code_hash = filebase64sha256(var.code_zip)
  memory_size      = var.memory_mb
  timeout          = var.timeout_seconds

  depends_on = [aws_cloudwatch_log_group.recipe_name_function]
}
