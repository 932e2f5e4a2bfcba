# makes: an IAM policy that allows the actions you name on the resources you name
# assumes: The policy is attached to nothing yet.
# asks: Which actions on which resources?
# output: policy_arn | aws_iam_policy.recipe_name.arn | ARN of the policy
data "aws_iam_policy_document" "recipe_name" {
  statement {
    actions   = var.actions
    resources = var.resource_arns
  }
}

resource "aws_iam_policy" "recipe_name" {
  name   = var.name
  policy = data.aws_iam_policy_document.recipe_name.json
}
